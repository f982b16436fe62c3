import type { Auth, RowFilter } from 'holdfast'

/** Roles that may see the report. What they see of it follows from the rules in `holdfast.ts`. */
export const REPORT_ROLES: readonly string[] = ['admin', 'manager', 'employee']

/** Somebody's place: a company, and the store of those who work in one. */
export interface Place {
  readonly companyId: string
  readonly storeId: string | null
}

/** The rows that somebody may see. Every query on business data takes one. */
export interface Scope {
  readonly companyId: string
  /** One store chosen among them; null: all of them. */
  readonly storeId: string | null
  /** The rows of `holdings` that the rules allow. */
  readonly rows: Pick<RowFilter, 'sql'>
}

export type ScopeResult =
  | { readonly kind: 'scope'; readonly scope: Scope }
  | { readonly kind: 'none'; readonly reason: 'no_role' | 'no_company' | 'no_store' }

type Caller = Pick<Auth, 'roles' | 'organisationRoles' | 'rows'>

/**
 * The rows for a caller in a company. The rules decide which; this says in words what is missing. An
 * employee without a store sees nothing: nothing equals a store that is not told.
 */
export function scopeOf(auth: Caller, place: Place | undefined): ScopeResult {
  if (!place) return { kind: 'none', reason: 'no_company' }
  const held = [...auth.roles, ...(auth.organisationRoles ?? [])]
  const own = held.filter((role) => REPORT_ROLES.includes(role))
  if (own.length === 0) return { kind: 'none', reason: 'no_role' }
  const { companyId, storeId } = place
  const isEmployee = own.every((role) => role === 'employee')
  if (isEmployee && storeId === null) return { kind: 'none', reason: 'no_store' }
  const attributes = storeId === null ? {} : { store: storeId }
  const rows = auth.rows('read:inventory', 'inventory', { attributes })
  return { kind: 'scope', scope: { companyId, storeId: null, rows } }
}
