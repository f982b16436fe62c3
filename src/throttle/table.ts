import { c, createTable, defineTable, migration } from '../database/index.ts'

/** One lane of guesses at one credential. Instants in epoch milliseconds. */
export interface GuessRow {
  /** The account's id, `name:` and a keyed hash of a name that nobody has, or `typed:` and that of any. */
  subject: string
  /**
   * `strangers`, `reauth`, alone or with the id of a session, `typed`, the hash of a known device, or
   * `from:` and a keyed hash of a client; of second factors the method, alone or before a colon and one of these.
   */
  lane: string
  guesses: number
  streak: number
  open_at: number
  last_at: number
  last_failure_at: number | null
  /** When the owner was last told that somebody guesses. */
  attacked_at: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_guesses: GuessRow
  }
}

const guessesTable = defineTable('hf_guesses', {
  columns: {
    subject: c.text(64),
    lane: c.text(64),
    guesses: c.integer(),
    streak: c.integer(),
    open_at: c.time(),
    last_at: c.time(),
    last_failure_at: c.time().nullable(),
    attacked_at: c.time().nullable(),
  },
  primaryKey: ['subject', 'lane'],
  indexes: { last: ['last_at'] },
})

/** Migrations of the room, in order. */
export const throttleMigrations = [migration('throttle/0001_create', [createTable(guessesTable)])]
