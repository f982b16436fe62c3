import { addColumn, c, createTable, defineTable, migration, sqlStep } from '../database/index.ts'

/** How often a rule of a control spoke on a route in one day, on all nodes. Instants in epoch milliseconds. */
export interface ShieldRefusalRow {
  /** The first instant of the day in UTC. */
  day: number
  control: string
  rule: string
  /** Method and route as the code of the app writes it. */
  route: string
  /** 1: refused. 0: passed, and would have been refused. */
  enforced: number
  refusals: number
  /** Requests in which the control had found nothing before. */
  requests: number
  /** The last ones, at most three. */
  examples: string
  first_at: number
  last_at: number
}

declare module '../database/types.ts' {
  interface Tables {
    hf_shield_refusals: ShieldRefusalRow
  }
}

const refusalsTable = defineTable('hf_shield_refusals', {
  columns: {
    day: c.time(),
    control: c.text(20),
    rule: c.text(200),
    route: c.text(200),
    enforced: c.boolean(),
    refusals: c.integer(),
    requests: c.integer().default(0),
    examples: c.json(),
    first_at: c.time(),
    last_at: c.time(),
  },
  primaryKey: ['day', 'control', 'rule', 'route', 'enforced'],
})

/** Migrations of the room, in order. */
export const shadowMigrations = [
  migration('shadow/0001_create', [createTable(refusalsTable, { columns: ['requests'] })]),
  // Of what was counted before nobody knows how many findings were in one request.
  migration('shadow/0002_requests', [
    addColumn(refusalsTable, 'requests'),
    sqlStep({
      ...inEvery('update hf_shield_refusals set requests = refusals'),
      ...{ down: inEvery(''), tables: ['hf_shield_refusals'], repeatable: true },
    }),
  ]),
]

function inEvery(text: string) {
  return { sqlite: text, postgres: text, mysql: text }
}
