import type { Scope } from '../scope.ts'

/** What a manager of a company sees, or an employee of one store of it, written by hand. */
export function scopeIn(companyId: string, storeId: string | null = null): Scope {
  const text = '("held"."company_id" = ? AND (? IS NULL OR "held"."store_id" = ?))'
  const rows = { sql: () => ({ text, parameters: [companyId, storeId, storeId] }) }
  return { companyId, storeId: null, rows }
}
