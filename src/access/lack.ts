import type { AppObject } from '../conditions/index.ts'
import { commonErrors, type SecurityError } from '../errors/index.ts'
import type { Auth, Explanation, RowOptions } from '../http/index.ts'
import { accessErrors } from './errors.ts'
import { explanationText } from './explain.ts'

/** What a permission was asked for. */
export interface LackContext {
  readonly object?: AppObject
  readonly options?: RowOptions
}

/** Who lacks what, and why: for the record. It travels as the private cause of the 403 or 404. */
export class Lack {
  readonly auth: Pick<Auth, 'userId' | 'keyId' | 'organisation'>
  readonly explanation: Explanation
  /** Names of the attributes whose values were given with the question. */
  readonly told: readonly string[]

  constructor(auth: Lack['auth'], explanation: Explanation, { options }: LackContext) {
    this.auth = auth
    this.explanation = explanation
    const told = Object.entries(options?.attributes ?? {}).filter(([, value]) => value != null)
    this.told = told.map(([name]) => name)
  }
}

/**
 * The 403 of a caller who lacks a permission. Its message, which no answer holds, names the rule that
 * decided, by role and pattern, and never a value of the object; whoever answers it hands it to
 * `access.refusals`, from where it reaches the record.
 */
export function permissionLacking(
  auth: Auth,
  permission: string,
  context: LackContext = {},
): SecurityError {
  return accessErrors.forbidden(lackOf(auth, permission, context))
}

/**
 * The 404 of an object that the caller may not read, as if it were not there. Its message and cause are
 * those of a 403; the record has none of it.
 */
export function objectHidden(auth: Auth, permission: string, context: LackContext): SecurityError {
  return commonErrors.not_found(lackOf(auth, permission, context))
}

function lackOf(auth: Auth, permission: string, context: LackContext) {
  const explained = explanationFor(auth, permission, context)
  const lack = explained ?? ({ allowed: false, permission, reason: 'no_rule', rules: [] } as const)
  return {
    explanation: lackText(permission, explained, context),
    cause: new Lack(auth, lack, context),
  }
}

function lackText(
  permission: string,
  explanation: Explanation | undefined,
  { object }: LackContext,
): string {
  const why = explanation && explanationText(explanation)
  const about = object ? ' for this object' : ''
  return `the caller lacks the permission ${permission}${about}${why ? `: ${why}` : ''}`
}

/** Nothing where it cannot be told, as for an object that cannot be judged: the refusal stands without. */
function explanationFor(
  auth: Auth,
  permission: string,
  { object, options }: LackContext,
): Explanation | undefined {
  try {
    return { ...auth.explain(permission, object, options), allowed: false }
  } catch {
    return undefined
  }
}
