import { Kysely, SqliteAdapter, SqliteQueryCompiler } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { silentLogger, systemRandom } from '../ports/index.ts'
import { EngineDatabase } from './database.ts'
import { EngineDialect } from './driver.ts'
import type { Engine, EngineResult } from './engine.ts'

class Lost extends Error {}

type Answer = (sql: string) => Promise<EngineResult>

/** An engine that answers as a test says and notes what was asked and how connections went back. */
function fakeEngine(answer: Answer) {
  const asked: string[] = []
  const released: boolean[] = []
  const engine: Engine = {
    dialect: 'sqlite',
    poolSize: 1,
    begin: ['begin'],
    nowSql: 'now',
    versionSql: 'version',
    statementMs: 1_000,
    unlimited: { on: [], off: [] },
    createCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () =>
      new (class extends SqliteAdapter {
        override get supportsMultipleConnections() {
          return true
        }
      })(),
    acquire: async () => ({
      execute: (sql) => {
        asked.push(sql)
        return answer(sql)
      },
      release: (broken) => void released.push(broken),
    }),
    classify: (error) => (error instanceof Lost ? 'lost' : 'refused'),
    close: async () => {},
  }
  return { engine, asked, released }
}

const nothing: EngineResult = { rows: [] }

describe('a connection', () => {
  let clock: ManualClock

  beforeEach(() => {
    clock = new ManualClock()
  })

  const open = (engine: Engine) =>
    new EngineDatabase({
      writer: engine,
      reader: engine,
      naming: { prefix: 'hf_' },
      clock,
      waits: clock,
      random: systemRandom,
      logger: silentLogger,
    })

  it('lost at COMMIT leaves the outcome unknown: nothing is run again, nothing is reused', async () => {
    const { engine, asked, released } = fakeEngine(async (sql) => {
      if (sql === 'commit') throw new Lost('gone')
      return nothing
    })
    const ran: string[] = []
    const database = open(engine)
    const work = database.transaction(async (trx) => {
      ran.push('work')
      database.afterCommit(trx, () => ran.push('task'))
    })
    await expect(work).rejects.toMatchObject({ code: 'database_outcome_unknown', status: 503 })
    expect([ran, asked, released]).toEqual([['work'], ['begin', 'commit'], [true]])
  })

  it('that does not answer in time is given up, and never reused', async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const { engine, asked, released } = fakeEngine((sql) => {
      if (sql === 'begin') return Promise.resolve(nothing)
      resolve()
      return new Promise(() => {})
    })
    const work = open(engine).transaction((trx) =>
      trx.selectFrom('hf_migrations').selectAll().execute(),
    )
    const refused = expect(work).rejects.toMatchObject({ code: 'database_unavailable' })
    await begun
    await clock.advance(999)
    expect(released).toEqual([])
    await clock.advance(1)
    await refused
    expect([asked.includes('rollback'), released]).toEqual([false, [true]])
  })

  it('whose rollback fails is given up, and the first fault is told', async () => {
    const { engine, released } = fakeEngine(async (sql) => {
      if (sql === 'rollback') throw new Error('no rollback')
      return nothing
    })
    const work = open(engine).transaction(async () => {
      throw new Error('first')
    })
    await expect(work).rejects.toThrow('first')
    expect(released).toEqual([true])
  })

  it('goes back in order after a rollback', async () => {
    const { engine, asked, released } = fakeEngine(async () => nothing)
    const work = open(engine).transaction(async () => {
      throw new Error('mine')
    })
    await expect(work).rejects.toThrow('mine')
    expect([asked, released]).toEqual([['begin', 'rollback'], [false]])
  })

  it('whose transaction the server undid at COMMIT does not pass for saved', async () => {
    const { engine } = fakeEngine(async (sql) =>
      sql === 'commit' ? { rows: [], command: 'ROLLBACK' } : nothing,
    )
    await expect(open(engine).transaction(async () => 1)).rejects.toThrow(/rolled back/)
  })

  it('serves whole results, not streams', async () => {
    const { engine } = fakeEngine(async () => nothing)
    const dialect = new EngineDialect({ engine, clock, guard: () => {}, readOnly: true })
    const stream = new Kysely<{ t: { a: number } }>({ dialect })
      .selectFrom('t')
      .selectAll()
      .stream()
    await expect(stream.next()).rejects.toThrow(/page by page/)
  })
})
