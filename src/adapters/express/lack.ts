import type { AppObject } from '../../conditions/index.ts'
import type { Auth, Explanation, RowOptions } from '../../http/index.ts'

/** The object of a question, and what the app tells of the caller. */
export interface LackContext {
  readonly object: AppObject
  readonly options?: RowOptions
}

/**
 * What a caller lacks, for the log of a development server and the record: the permission, and the rule
 * that decided, by role and pattern. It never holds a value of the object.
 */
export function lackOf(permission: string, auth: Auth, context?: LackContext): string {
  const lack = `the caller lacks the permission ${permission}`
  const why = explained(permission, auth, context)
  const about = context ? ' for this object' : ''
  return why === undefined ? `${lack}${about}` : `${lack}${about}: ${why}`
}

/** Nothing where it cannot be told: a refusal stands without its reason. */
function explained(permission: string, auth: Auth, context?: LackContext): string | undefined {
  try {
    return reasonOf(auth.explain(permission, context?.object, context?.options))
  } catch {
    return undefined
  }
}

function reasonOf({ reason, rule }: Explanation): string | undefined {
  const by = rule ? `${rule.pattern} of the role ${rule.role}` : undefined
  switch (reason) {
    case 'denied':
      return by && `denied by ${by}`
    case 'condition':
      return by ? `the condition of ${by} is not met` : 'no condition is met'
    case 'scope':
      return 'the scopes of the API key do not reach it'
    case 'level':
      return 'the session is below the level that policy demands'
    case 'unknown':
      return 'no such resource or action is declared'
    default:
      return undefined
  }
}
