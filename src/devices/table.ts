import { addColumn, c, createTable, defineTable, migration } from '../database/index.ts'

/** A device from which somebody signed in to an account. Instants in epoch milliseconds. */
export interface DeviceRow {
  id: string
  user_id: string
  /** Hash of the device cookie's token, or of network and user agent of a native client. */
  device_hash: string
  user_agent: string | null
  /** Address of the last sign-in. */
  ip: string | null
  first_seen_at: number
  last_seen_at: number
  /** Set when the device is known no more; the next sign-in makes it a new one. */
  forgotten_at: number | null
  /** Until then a sign-in from it is not asked for a second factor; null when it always is. */
  trusted_until: number | null
  /** Since when a mailed link alone has made it known; null once somebody signed in from it. */
  unproven_since: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_devices: DeviceRow
  }
}

const devicesTable = defineTable('hf_devices', {
  columns: {
    id: c.id(),
    user_id: c.id(),
    device_hash: c.text(64),
    user_agent: c.text(300).nullable(),
    ip: c.text(64).nullable(),
    first_seen_at: c.time(),
    last_seen_at: c.time(),
    forgotten_at: c.time().nullable(),
    trusted_until: c.time().nullable(),
    unproven_since: c.time().nullable(),
  },
  primaryKey: ['id'],
  unique: { device: ['user_id', 'device_hash'] },
  indexes: { seen: ['last_seen_at'] },
  foreignKeys: [
    { columns: ['user_id'], table: 'hf_users', references: ['id'], onDelete: 'cascade' },
  ],
})

/** Migrations of the room, in order; they come after those of users. */
export const devicesMigrations = [
  migration('devices/0001_create', [
    createTable(devicesTable, { columns: ['trusted_until', 'unproven_since'] }),
  ]),
  migration('devices/0002_trusted_until', [addColumn(devicesTable, 'trusted_until')]),
  migration('devices/0003_unproven_since', [addColumn(devicesTable, 'unproven_since')]),
]
