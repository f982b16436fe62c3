import { column, createTable, defineTable, migration } from '../database/index.ts'

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
    id: column.id(),
    at: column.time(),
    class: column.text(16),
    severity: column.text(16),
    action: column.text(100),
    actor_kind: column.text(16),
    actor_id: column.text(64).nullable(),
    behalf_kind: column.text(16).nullable(),
    behalf_id: column.text(64).nullable(),
    resource_kind: column.text(64).nullable(),
    resource_id: column.text(128).nullable(),
    outcome: column.text(16),
    reason: column.text(500).nullable(),
    ip: column.text(64).nullable(),
    user_agent: column.text(300).nullable(),
    request_id: column.text(64).nullable(),
    method: column.text(16).nullable(),
    path: column.text(500).nullable(),
    status: column.integer().nullable(),
    duration_ms: column.integer().nullable(),
    session_id: column.text(64).nullable(),
    organisation_id: column.text(64).nullable(),
    metadata: column.json(),
  },
  primaryKey: ['id'],
  indexes: {
    hf_audit_at: ['at'],
    hf_audit_actor: ['actor_id', 'at'],
    hf_audit_resource: ['resource_id', 'at'],
    hf_audit_action: ['action', 'at'],
  },
})

export const auditMigrations = [migration('audit/0001_create', [createTable(auditTable)])]
