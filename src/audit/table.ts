import { c, createTable, defineTable, migration } from '../database/index.ts'

/** One row of the audit log; instants in epoch milliseconds, durations in milliseconds. */
export interface AuditRow {
  id: string
  at: number
  class: string
  severity: string
  action: string
  actor_kind: string
  actor_id: string | null
  behalf_kind: string | null
  behalf_id: string | null
  resource_kind: string | null
  resource_id: string | null
  outcome: string
  reason: string | null
  ip: string | null
  user_agent: string | null
  request_id: string | null
  method: string | null
  path: string | null
  status: number | null
  duration_ms: number | null
  session_id: string | null
  organisation_id: string | null
  metadata: string
}

declare module '../database/types.ts' {
  interface Tables {
    hf_audit: AuditRow
  }
}

const auditTable = defineTable('hf_audit', {
  columns: {
    id: c.id(),
    at: c.time(),
    class: c.text(16),
    severity: c.text(16),
    action: c.text(100),
    actor_kind: c.text(16),
    actor_id: c.text(64).nullable(),
    behalf_kind: c.text(16).nullable(),
    behalf_id: c.text(64).nullable(),
    resource_kind: c.text(64).nullable(),
    resource_id: c.text(128).nullable(),
    outcome: c.text(16),
    reason: c.text(500).nullable(),
    ip: c.text(64).nullable(),
    user_agent: c.text(300).nullable(),
    request_id: c.text(64).nullable(),
    method: c.text(16).nullable(),
    path: c.text(500).nullable(),
    status: c.integer().nullable(),
    duration_ms: c.integer().nullable(),
    session_id: c.text(64).nullable(),
    organisation_id: c.text(64).nullable(),
    metadata: c.json(),
  },
  primaryKey: ['id'],
  indexes: {
    at: ['at'],
    actor: ['actor_id', 'at'],
    resource: ['resource_id', 'at'],
    action: ['action', 'at'],
  },
})

export const auditMigrations = [migration('audit/0001_create', [createTable(auditTable)])]
