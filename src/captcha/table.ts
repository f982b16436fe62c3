import { c, createTable, defineTable, migration } from '../database/index.ts'

/** One solution that was used. Instants in epoch milliseconds. */
export interface SpentChallengeRow {
  /** SHA-256 of the provider and its challenge or token, base64url: nothing here can be sent again. */
  id: string
  /** From then on the challenge is refused for its age, and the row may go. */
  expires_at: number
}

declare module '../database/types.ts' {
  interface Tables {
    hf_spent_challenges: SpentChallengeRow
  }
}

const spentTable = defineTable('hf_spent_challenges', {
  columns: {
    id: c.text(64),
    expires_at: c.time(),
  },
  primaryKey: ['id'],
  indexes: { expiry: ['expires_at'] },
})

/** Migrations of the room, in order. */
export const captchaMigrations = [migration('captcha/0001_create', [createTable(spentTable)])]
