import { afterAll, afterEach, beforeAll } from 'vitest'
import { accessMigrations } from '../src/access/index.ts'
import { createKeyring } from '../src/crypto/index.ts'
import { type Database, Migrator, openDatabase } from '../src/database/index.ts'
import type { EventInput } from '../src/events/index.ts'
import { Jobs, jobMigrations } from '../src/jobs/index.ts'
import { type Logger, silentLogger, systemRandom } from '../src/ports/index.ts'
import { usersMigrations } from '../src/users/index.ts'
import {
  type HandledWebhook,
  signWebhook,
  WebhookDeliveries,
  type WebhookDeliveryRow,
  type WebhookHandler,
  type WebhookOptions,
  type WebhookProvider,
  type WebhookReceiver,
  Webhooks,
  webhookMigrations,
} from '../src/webhooks/index.ts'
import { schemeOf } from '../src/webhooks/webhooks.ts'
import { ManualClock } from './manual-clock.ts'
import { type EngineName, type FreshDatabase, freshDatabase } from './services/fresh-database.ts'

export const webhookSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** One process: its webhooks, and the deliveries behind them. */
export interface WebhookNode {
  readonly webhooks: Webhooks
  readonly deliveries: WebhookDeliveries
  /** Ends its jobs, where it has some. */
  readonly stop: () => Promise<void>
}

/** With jobs a node handles by itself. */
interface NodeOptions {
  readonly jobs?: boolean
  readonly logger?: Logger
}

/** Webhooks on a database of their own, for the tests of one suite. */
export interface WebhookBench {
  readonly url: string
  /** A new one for each test. */
  readonly clock: ManualClock
  /** What was recorded since the test began. */
  readonly recorded: readonly EventInput[]
  /** A node with its own connections to the same database; 0 or 1. */
  node(connection?: 0 | 1, options?: NodeOptions): WebhookNode
  rows(): Promise<WebhookDeliveryRow[]>
}

/** Opens it before the suite, empties it after each test, and closes it after the suite. */
export function webhookBench(engine: EngineName): WebhookBench {
  let fresh: FreshDatabase
  let databases: [Database, Database]
  let clock = new ManualClock()
  let recorded: EventInput[] = []
  const keyring = createKeyring('ab'.repeat(32))

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const open = () => openDatabase({ url: fresh.url, clock, logger: silentLogger })
    databases = [await open(), await open()]
    const own = [...jobMigrations, ...usersMigrations, ...accessMigrations, ...webhookMigrations]
    await new Migrator(databases[0], own).up()
  })
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()))
    await fresh.drop()
  })
  afterEach(async () => {
    await databases[0].transaction(async (trx) => {
      await trx.deleteFrom('hf_webhook_deliveries').execute()
      await trx.deleteFrom('hf_jobs').execute()
    })
    clock = new ManualClock()
    recorded = []
  })

  return {
    get url() {
      return fresh.url
    },
    get clock() {
      return clock
    },
    get recorded() {
      return recorded
    },
    node: (connection = 0, options = {}) => {
      const handled = new Map<string, HandledWebhook>()
      const events = recorded
      const { logger = silentLogger } = options
      const ports = { clock, random: systemRandom, logger }
      const jobs = new Jobs({ database: databases[connection], ...ports })
      if (options.jobs) jobs.start()
      const deliveries = new WebhookDeliveries({
        ...{ database: databases[connection], keyring, handled, jobs, ...ports },
        recorder: { record: async (_trx, event) => void events.push(event as EventInput) },
      })
      return {
        deliveries,
        stop: () => jobs.stop(),
        webhooks: new Webhooks({
          ...{ clock, handled, deliveries: () => deliveries },
          whenRunning: (work) => work(),
        }),
      }
    },
    rows: () =>
      databases[0].reader.selectFrom('hf_webhook_deliveries').selectAll().orderBy('id').execute(),
  }
}

/** A webhook of a node with usual options. */
export function defineOn(
  { webhooks }: WebhookNode,
  provider: WebhookProvider,
  handler: WebhookHandler,
  options: Partial<WebhookOptions> = {},
): WebhookReceiver {
  return webhooks.define(provider, { secrets: [webhookSecret], ...options }, handler)
}

/** A signed request. */
export function signedRequest(
  provider: WebhookProvider,
  now: number,
  { body = '{"id":"evt_1"}', ...rest }: { body?: string; id?: string; topic?: string } = {},
) {
  const headers = signWebhook(schemeOf(provider), { secret: webhookSecret, body, now, ...rest })
  return { headers, rawBody: Buffer.from(body) }
}
