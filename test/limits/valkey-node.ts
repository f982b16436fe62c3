import { randomBytes } from 'node:crypto'
import { type Database, Migrator, openDatabase } from '../../src/database/index.ts'
import { SqlLimits } from '../../src/limits/sql.ts'
import { limitMigrations } from '../../src/limits/table.ts'
import { ValkeyLimits } from '../../src/limits/valkey.ts'
import { valkeyDriver } from '../../src/limits/valkey-client.ts'
import { type Clock, silentLogger } from '../../src/ports/index.ts'
import { ManualClock } from '../manual-clock.ts'
import { freshDatabase } from '../services/fresh-database.ts'
import { HeardLogger } from './heard-logger.ts'

/** One process that counts in Valkey and is insured by a database. */
export interface ValkeyNode {
  readonly limits: ValkeyLimits
  readonly sql: SqlLimits
  readonly database: Database
  readonly logger: HeardLogger
  stop(): Promise<void>
}

/** Nodes on one database, under a prefix of their own. */
export interface ValkeyNodes {
  readonly clock: ManualClock
  readonly prefix: string
  /** A new node that reaches Valkey by this address. */
  start(url: string, waits?: Clock): Promise<ValkeyNode>
  /** Stops what was started. */
  stop(): Promise<void>
}

export async function valkeyNodes(): Promise<ValkeyNodes> {
  const clock = new ManualClock()
  const fresh = await freshDatabase('sqlite')
  const hashKey = randomBytes(32)
  const tablePrefix = `t${randomBytes(6).toString('hex')}_`
  const stops: (() => Promise<void>)[] = []
  const start = async (url: string, waits?: Clock): Promise<ValkeyNode> => {
    const logger = new HeardLogger()
    const database = await openDatabase({
      ...{ url: fresh.url, tablePrefix, clock },
      logger: silentLogger,
    })
    await new Migrator(database, limitMigrations).up()
    const sql = new SqlLimits({ database, hashKey })
    const parts = { ...(await valkeyDriver(url)), database, sql, hashKey, logger }
    const limits = new ValkeyLimits({ ...parts, ...(waits ? { waits } : {}) })
    await limits.start()
    const stop = async () => {
      await limits.close()
      await database.close()
    }
    stops.push(stop)
    return { limits, sql, database, logger, stop }
  }
  const stop = async () => {
    await Promise.all(stops.map((end) => end()))
    await fresh.drop()
  }
  return { clock, prefix: tablePrefix, start, stop }
}
