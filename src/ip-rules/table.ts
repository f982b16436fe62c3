import { c, createTable, defineTable, migration } from '../database/index.ts'

/** A rule about addresses. Instants in epoch milliseconds. */
export interface IpRuleRow {
  id: string
  action: 'allow' | 'deny'
  /** Canonical CIDR text. */
  range: string
  /** `all`, `admin`, `auth` or a path. */
  scope: string
  reason: string | null
  created_at: number
  /** An account or an operator; null for code. */
  created_by: string | null
  expires_at: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_ip_rules: IpRuleRow
  }
}

const rulesTable = defineTable('hf_ip_rules', {
  columns: {
    id: c.id(),
    action: c.text(8),
    range: c.text(64),
    scope: c.text(200),
    reason: c.text(500).nullable(),
    created_at: c.time(),
    created_by: c.text(64).nullable(),
    expires_at: c.time().nullable(),
  },
  primaryKey: ['id'],
  unique: { rule: ['scope', 'range', 'action'] },
})

export const ipRuleMigrations = [migration('ip-rules/0001_create', [createTable(rulesTable)])]
