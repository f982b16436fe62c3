import { accessErrors } from '../access/index.ts'
import { acrOf, type FactorMethod } from '../assurance/index.ts'
import type { SecurityError } from '../errors/index.ts'
import type { Auth } from '../http/index.ts'

/** What would be enough. */
export interface Needed {
  readonly level: 1 | 2
  readonly withinMs?: number
  /** What can be proven; told where somebody tried something else. */
  readonly methods?: readonly FactorMethod[]
}

/**
 * The 401 that asks for a proof (RFC 9470 section 3): `acr_values` names the level where one above the
 * lowest is needed, `max_age` the age in seconds where a fresh one is. The same stands in the problem
 * as `level` and `maxAge`, for scripts of another origin read no such header; `enrol` says what can be
 * set up by somebody who has no second factor to prove, and `methods` that the password is enough.
 */
export function proofRequired(auth: Pick<Auth, 'secondFactor'>, needed: Needed): SecurityError {
  const { level, withinMs } = needed
  const methods = needed.methods ?? (level === 1 && !auth.secondFactor ? ['password'] : undefined)
  const maxAge = withinMs === undefined ? undefined : Math.floor(withinMs / 1000)
  const parameters = [
    'error="insufficient_user_authentication"',
    `error_description="${maxAge === undefined ? 'A higher level of proof' : 'A more recent proof'} is required"`,
    ...(level === 2 ? [`acr_values="${acrOf(level)}"`] : []),
    ...(maxAge === undefined ? [] : [`max_age="${maxAge}"`]),
  ]
  return accessErrors.step_up_required({
    detail: detailOf(auth, needed),
    headers: { 'www-authenticate': `Bearer ${parameters.join(', ')}` },
    members: {
      level,
      ...(maxAge === undefined ? {} : { maxAge }),
      ...(methods ? { methods } : {}),
      ...(level === 2 && !auth.secondFactor ? { enrol: ['totp', 'passkey'] } : {}),
    },
  })
}

/** What to do, for whoever reads it: what is missing differs, the code does not. */
function detailOf(
  { secondFactor }: Pick<Auth, 'secondFactor'>,
  { level, methods, withinMs }: Needed,
) {
  if (methods) return 'The password alone is not enough: prove one of your second factors.'
  if (level === 2 && !secondFactor) {
    return 'This needs a second factor, and your account has none. Set one up and repeat this.'
  }
  if (withinMs === undefined) return 'Prove one of your second factors and repeat this.'
  const what = level === 2 ? 'one of your second factors' : 'your password'
  return `This needs a recent proof. Prove ${what} and repeat this.`
}
