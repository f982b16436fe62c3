import { c, createTable, defineTable, migration } from '../database/index.ts'

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
    examples: c.json(),
    first_at: c.time(),
    last_at: c.time(),
  },
  primaryKey: ['day', 'control', 'rule', 'route', 'enforced'],
})

/** Migrations of the room, in order. */
export const shadowMigrations = [migration('shadow/0001_create', [createTable(refusalsTable)])]
