import type { Request } from 'express'
import type { Auth } from 'holdfast/express'
import { type ScopeResult, scopeOf } from './scope.ts'
import type { RetailStore } from './store.ts'

/** Roles that may see the report. What they see of it follows from their assignment. */
export const REPORT_ROLES: readonly string[] = ['admin', 'manager', 'employee']

/** The action under which looking at the report is recorded. */
export const VIEWED = 'report.turnover.viewed'

/** The caller of a request behind a guard. */
export function callerOf(request: Request): Auth {
  if (!request.auth) throw new Error('this route has no guard')
  return request.auth
}

/** The rows that the caller may see, read anew at each request. */
export function scopeFor(auth: Auth, store: RetailStore): ScopeResult {
  return scopeOf(auth.roles, store.findAssignment(auth.userId))
}
