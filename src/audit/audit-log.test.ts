import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { eventDefinitions } from '../composition/index.ts'
import { type Database, Migrator, openDatabase } from '../database/index.ts'
import { EventBus } from '../events/index.ts'
import { type Logger, silentLogger, systemRandom } from '../ports/index.ts'
import { TestClock } from '../testing/index.ts'
import { AuditLog, auditMigrations } from './index.ts'

describeEngines('the audit log', (engine) => {
  let fresh: FreshDatabase
  let database: Database
  let clock = new TestClock()
  const lines: string[] = []
  const write = (message: string) => void lines.push(message)
  const logger: Logger = { ...silentLogger, error: write }
  let bus = new EventBus(eventDefinitions, logger)
  let audit: AuditLog

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    database = await openDatabase({ url: fresh.url, clock, logger: silentLogger })
    await new Migrator(database, auditMigrations).up()
  })
  afterAll(async () => {
    await database?.close()
    await fresh?.drop()
  })
  beforeEach(async () => {
    lines.length = 0
    clock = new TestClock()
    bus = new EventBus(eventDefinitions, logger)
    audit = new AuditLog({ database, bus, clock, random: systemRandom, logger })
    await database.transaction((trx) => trx.deleteFrom('hf_audit').execute())
  })

  const created = (userId: string) =>
    ({
      name: 'user.created',
      actor: { kind: 'code' },
      resource: { kind: 'user', id: userId },
      payload: { userId },
    }) as const

  it('keeps an event with its change, or neither: listeners hear of it after the commit alone', async () => {
    const heard: string[] = []
    bus.on('user.created', (event) => void heard.push(event.payload.userId))
    await database.transaction(async (trx) => {
      await audit.record(trx, created('one'))
      expect(heard).toEqual([])
    })
    const undone = database.transaction(async (trx) => {
      await audit.record(trx, created('two'))
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(heard).toEqual(['one'])
    expect((await audit.find({ limit: 10 })).map((row) => row.resource_id)).toEqual(['one'])
  })

  it('fails the change when the record cannot be written', async () => {
    await expect(
      database.transaction((trx) =>
        audit.record(trx, { ...created('x'), actor: { kind: 'user', id: 'x'.repeat(100) } }),
      ),
    ).rejects.toThrow()
    expect(await audit.find({ limit: 10 })).toEqual([])
  })

  it('keeps of a payload the members of the list and nothing else', async () => {
    const payload = { userId: 'one', password: 'hunter2', extra: 'no' }
    await database.transaction((trx) => audit.record(trx, { ...created('one'), payload }))
    const [row] = await audit.find({ limit: 1 })
    expect(JSON.parse(row?.metadata ?? '')).toEqual({ userId: 'one' })
  })

  it('takes any text, never losing a record to it, and any number as text that stays a number', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 700 })
    await fc.assert(
      fc.asyncProperty(text, text, fc.maxSafeInteger(), async (reason, userAgent, amount) => {
        const entry = { action: 'report.viewed', reason, metadata: { note: userAgent, amount } }
        await audit.write({ ...entry, origin: { userAgent, path: reason, requestId: userAgent } })
        const [row] = await audit.find({ action: 'report.viewed', limit: 1 })
        expect(JSON.parse(row?.metadata ?? '{}').amount).toBe(amount)
        expect(row?.reason?.isWellFormed()).toBe(true)
        await database.transaction((trx) => trx.deleteFrom('hf_audit').execute())
      }),
      { numRuns: 50 },
    )
  })

  it('refuses actions that are no dotted words', async () => {
    for (const action of ['', 'Has Space', 'x'.repeat(101), '-a', "a'--"]) {
      await expect(audit.write({ action })).rejects.toMatchObject({ code: 'audit_action_invalid' })
    }
  })

  describe('the use of routes', () => {
    const use = (n: number) => ({ action: 'route.used', status: 200, durationMs: n + 0.4 })

    it('is written in batches, and what waits is written at the end', async () => {
      for (let n = 0; n < 1_234; n++) audit.access(use(n))
      await audit.close()
      const { count } = await database.reader
        .selectFrom('hf_audit')
        .select((is) => is.fn.countAll().as('count'))
        .executeTakeFirstOrThrow()
      expect(Number(count)).toBe(1_234)
      expect(clock.waiting).toBe(0)
    })

    it('waits out an outage, and says how many did not fit', async () => {
      const away = cutOff(database)
      const log = new AuditLog({
        database: away.database,
        bus,
        clock,
        random: systemRandom,
        logger,
      })
      away.cut(true)
      for (let n = 0; n < 25_000; n++) log.access(use(n))
      await log.flush()
      expect(lines).toContain('audit: access entries wait, the database is away')
      away.cut(false)
      for (let n = 0; n < 5; n++) await log.flush()
      await log.close()
      expect(lines).toContain('audit: access entries were dropped')
      expect(clock.waiting).toBe(0)
    })
  })
})

/** A database that can be cut off for writing. */
function cutOff(real: Database): { database: Database; cut: (away: boolean) => void } {
  let away = false
  const cut = (state: boolean) => {
    away = state
  }
  const database: Database = Object.create(real, {
    transaction: {
      value: (work: Parameters<Database['transaction']>[0]) =>
        away ? Promise.reject(new Error('gone')) : real.transaction(work),
    },
    reader: { get: () => real.reader },
  })
  return { database, cut }
}
