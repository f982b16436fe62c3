import { c, createTable, defineTable, migration } from '../database/index.ts'

/** When a notice that is told sparingly was last told. */
export interface NoticeRow {
  user_id: string
  /** The mail. */
  template: string
  /** What it was about: the account itself, or one of its passkeys. */
  resource_id: string
  /** Epoch milliseconds. */
  told_at: number
}

declare module '../database/types.ts' {
  interface Tables {
    hf_notices: NoticeRow
  }
}

const noticesTable = defineTable('hf_notices', {
  columns: {
    user_id: c.id(),
    template: c.text(64),
    resource_id: c.id(),
    told_at: c.time(),
  },
  primaryKey: ['user_id', 'template', 'resource_id'],
  foreignKeys: [
    { columns: ['user_id'], table: 'hf_users', references: ['id'], onDelete: 'cascade' },
  ],
})

/** Migrations of the room, in order; they come after those of users. */
export const noticesMigrations = [migration('notices/0001_create', [createTable(noticesTable)])]
