/** What an administrator gave a person. It comes from nowhere else: never from registration. */
export interface Assignment {
  readonly userId: string
  readonly email: string
  readonly companyId: string
  /** The one store of an employee; null for people who see the whole company. */
  readonly storeId: string | null
  readonly assignedBy: string
  /** Epoch milliseconds. */
  readonly assignedAt: number
}

/** The rows that somebody may see. Every query on business data takes one. */
export interface Scope {
  readonly companyId: string
  readonly storeId: string | null
}

export type ScopeResult =
  | { readonly kind: 'scope'; readonly scope: Scope }
  | { readonly kind: 'none'; readonly reason: 'no_role' | 'no_company' | 'no_store' }

/** Roles that see a company; all others but `employee` see nothing. */
const COMPANY_ROLES = ['admin', 'manager']

/**
 * The rows for somebody with these roles and this assignment. Default is none: an employee without
 * a store sees nothing rather than the whole company.
 */
export function scopeOf(roles: readonly string[], assignment: Assignment | undefined): ScopeResult {
  if (!assignment) return { kind: 'none', reason: 'no_company' }
  const { companyId, storeId } = assignment
  if (COMPANY_ROLES.some((role) => roles.includes(role))) {
    return { kind: 'scope', scope: { companyId, storeId: null } }
  }
  if (!roles.includes('employee')) return { kind: 'none', reason: 'no_role' }
  if (storeId === null) return { kind: 'none', reason: 'no_store' }
  return { kind: 'scope', scope: { companyId, storeId } }
}
