import { describe, expect, it } from 'vitest'
import { databaseErrors } from './errors.ts'
import { migrationLock } from './migration-lock.ts'
import type { Database, DialectName, Row, Session } from './types.ts'

type Answer = (sql: string) => readonly Row[]

/** The lock of an engine on a session that answers as a test says. */
function lockOn(dialect: DialectName, answer: Answer) {
  const sent: string[] = []
  const session: Session = {
    execute: async (sql) => {
      sent.push(sql)
      return answer(sql)
    },
  }
  const database = { dialect, naming: { prefix: 'hf_' } } as unknown as Database
  return { lock: migrationLock(database, session), sent }
}

const throwing = (part: string, error: () => Error): Answer => {
  return (sql) => {
    if (sql.includes(part)) throw error()
    return []
  }
}

const held: readonly [DialectName, Answer][] = [
  ['sqlite', throwing('begin immediate', databaseErrors.database_unavailable)],
  ['postgres', throwing('pg_advisory', databaseErrors.database_locked)],
  ['mysql', (sql) => [{ got: sql.includes('get_lock') ? 0 : 1 }]],
]

describe('the lock of migrations', () => {
  it.each(held)(
    'held by another process for too long is an answer of its own: %s',
    async (dialect, answer) => {
      const { lock } = lockOn(dialect, answer)
      const work = lock.exclusively(async () => expect.fail('worked without the lock'))
      await expect(work).rejects.toMatchObject({ code: 'migration_locked', status: 503 })
    },
  )

  it.each<DialectName>(['sqlite', 'postgres', 'mysql'])(
    'is given back when work fails: %s',
    async (dialect) => {
      const { lock, sent } = lockOn(dialect, () => [{ got: 1 }])
      const work = lock.exclusively(async () => {
        throw new Error('mine')
      })
      await expect(work).rejects.toThrow('mine')
      expect(sent.at(-1)).toMatch(lock.transactional ? /^rollback$/ : /^select release_lock/)
    },
  )

  it.each<DialectName>(['sqlite', 'postgres', 'mysql'])(
    'is given back after work: %s',
    async (dialect) => {
      const { lock, sent } = lockOn(dialect, () => [{ got: 1 }])
      expect(await lock.exclusively(async () => 7)).toBe(7)
      expect(sent.at(-1)).toMatch(lock.transactional ? /^commit$/ : /^select release_lock/)
    },
  )

  it('that fails for another reason says that reason', async () => {
    for (const [dialect, part] of [
      ['sqlite', 'begin'],
      ['postgres', 'pg_advisory'],
    ] as const) {
      const { lock } = lockOn(
        dialect,
        throwing(part, () => new Error('other')),
      )
      await expect(lock.exclusively(async () => 1)).rejects.toThrow('other')
    }
  })
})
