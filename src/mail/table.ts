import {
  addColumn,
  c,
  createIndex,
  createTable,
  defineTable,
  migration,
} from '../database/index.ts'

/**
 * `pending` waits or is being sent; the others are final and hold no body. `suppressed` never waited.
 * `withdrawn`: whom it was for is gone.
 */
export type MailState = 'pending' | 'delivered' | 'failed' | 'expired' | 'suppressed' | 'withdrawn'

/** One mail of the outbox. Times are epoch milliseconds. */
export interface OutboxRow {
  id: string
  /** What it is about, `verify-email`; never who it is for. */
  kind: string
  /** The one Message-ID of all attempts, with its angle brackets. */
  message_id: string
  /** Recipient, subject and bodies, sealed together; null once the mail is over, zeros if suppressed. */
  sealed: string | null
  state: MailState
  /** Attempts that reached the mail server. */
  attempts: number
  next_at: number
  lease_owner: string | null
  /** Until when its sender may work on it; 0 when nobody does. */
  lease_until: number
  created_at: number
  delivered_at: number | null
  /** After this it is not sent any more: what it links to has expired. */
  expires_at: number | null
  /** Stable code of the last failure; no text of the mail server, which may name the recipient. */
  error_code: string | null
  /** Keyed hash of the recipient, so that mails to somebody can be found; null once the mail is over. */
  recipient_tag: string | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_outbox: OutboxRow
  }
}

const outbox = defineTable('hf_outbox', {
  columns: {
    id: c.id(),
    kind: c.text(64),
    message_id: c.text(255),
    sealed: c.longText().nullable(),
    state: c.text(16),
    attempts: c.integer(),
    next_at: c.time(),
    lease_owner: c.id().nullable(),
    lease_until: c.time(),
    created_at: c.time(),
    delivered_at: c.time().nullable(),
    expires_at: c.time().nullable(),
    error_code: c.text(64).nullable(),
    recipient_tag: c.text(43).nullable(),
  },
  primaryKey: ['id'],
  unique: { message_id: ['message_id'] },
  indexes: {
    due: ['state', 'next_at'],
    created: ['state', 'created_at'],
    recipient: ['recipient_tag'],
  },
})

/** Migrations of the room, in order. */
export const mailMigrations = [
  migration('mail/0001_outbox', [
    createTable(outbox, { columns: ['recipient_tag'], indexes: ['recipient'] }),
  ]),
  migration('mail/0002_recipient_tag', [
    addColumn(outbox, 'recipient_tag'),
    createIndex(outbox, 'recipient'),
  ]),
]
