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
 * as `level` and `maxAge`, for scripts of another origin read no such header; and `enrol` says what
 * can be set up by somebody who has no second factor to prove.
 */
export function proofRequired(
  auth: Pick<Auth, 'secondFactor'>,
  { level, methods, withinMs }: Needed,
): SecurityError {
  const maxAge = withinMs === undefined ? undefined : Math.floor(withinMs / 1000)
  const parameters = [
    'error="insufficient_user_authentication"',
    `error_description="${maxAge === undefined ? 'A higher level of proof' : 'A more recent proof'} is required"`,
    ...(level === 2 ? [`acr_values="${acrOf(level)}"`] : []),
    ...(maxAge === undefined ? [] : [`max_age="${maxAge}"`]),
  ]
  return accessErrors.step_up_required({
    headers: { 'www-authenticate': `Bearer ${parameters.join(', ')}` },
    members: {
      level,
      ...(maxAge === undefined ? {} : { maxAge }),
      ...(methods ? { methods } : {}),
      ...(level === 2 && !auth.secondFactor ? { enrol: ['totp', 'passkey'] } : {}),
    },
  })
}
