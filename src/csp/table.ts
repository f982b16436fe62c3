import { addColumn, c, createTable, defineTable, migration } from '../database/index.ts'

/** How often one thing was reported on one day. Instants in epoch milliseconds. */
export interface CspReportRow {
  /** SHA-256 of the day and what was reported, base64url. */
  id: string
  /** Begin of the day, UTC. */
  day: number
  /** `enforce`: it was blocked; `report`: a policy on trial would have blocked it. */
  disposition: string
  directive: string
  /** An origin, a scheme or a keyword; never a whole address. */
  blocked: string
  /** Where the script or sheet came from that did it; may be empty. */
  source: string
  /** The page, by the pattern of its route. */
  route: string
  reports: number
  /** Clients that reported it on this day, as each node counted them. */
  clients: number
  /** The one who reported it on this day as a number (`senderOf`), -1 for several; null: nobody knows. */
  sender: number | null
  first_at: number
  last_at: number
}

declare module '../database/types.ts' {
  interface Tables {
    hf_csp_reports: CspReportRow
  }
}

const reportsTable = defineTable('hf_csp_reports', {
  columns: {
    id: c.text(64),
    day: c.time(),
    disposition: c.text(16),
    directive: c.text(40),
    blocked: c.text(300),
    source: c.text(300),
    route: c.text(200),
    reports: c.integer(),
    clients: c.integer(),
    sender: c.integer().nullable(),
    first_at: c.time(),
    last_at: c.time(),
  },
  primaryKey: ['id'],
  indexes: { day: ['day'] },
})

/** Migrations of the room, in order. */
export const cspMigrations = [
  migration('csp/0001_create', [createTable(reportsTable, { columns: ['sender'] })]),
  migration('csp/0002_sender', [addColumn(reportsTable, 'sender')]),
]
