import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { type Database, Migrator, openDatabase } from '../database/index.ts'
import { silentLogger } from '../ports/index.ts'
import { TestClock } from '../testing/index.ts'
import { type Revocation, Revocations, revocationMigrations } from './index.ts'

const hour = 3_600_000

describeEngines('revocations', (engine) => {
  let fresh: FreshDatabase
  let databases: Database[]
  let clock = new TestClock()
  let nodes: { room: Revocations; heard: string[] }[] = []

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const open = () => openDatabase({ url: fresh.url, clock, logger: silentLogger })
    databases = [await open(), await open()]
    await new Migrator(databases[0] as Database, revocationMigrations).up()
  })
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()))
    await fresh.drop()
  })
  beforeEach(async () => {
    clock = new TestClock()
    nodes = databases.map((database) => node(database))
    for (const { heard, room } of nodes) {
      await room.start()
      heard.length = 0
    }
  })
  afterEach(async () => {
    await Promise.all(nodes.map(({ room }) => room.close()))
  })

  function node(database: Database) {
    const parts = { database, clock, logger: silentLogger, pollMs: 200, maxStaleMs: 10_000 }
    const room = new Revocations(parts)
    const heard: string[] = []
    room.subscribe({
      revoked: ({ id, kind }) => void heard.push(`${kind} ${id}`),
      everything: () => void heard.push('everything'),
    })
    return { room, heard }
  }

  const announce = (which: 0 | 1, revocation: Revocation) =>
    databases[which]?.transaction((trx) => nodes[which]?.room.announce(trx, revocation) ?? never())

  it('are heard at once where they were made and at the next poll elsewhere', async () => {
    await announce(0, { kind: 'user', id: 'ada' })
    expect(nodes[0]?.heard).toEqual(['user ada'])
    expect(nodes[1]?.heard).toEqual([])
    await nodes[1]?.room.poll()
    expect(nodes[1]?.heard).toEqual(['user ada'])
  })

  it('of a transaction that is undone are heard nowhere', async () => {
    const undone = databases[0]?.transaction(async (trx) => {
      await nodes[0]?.room.announce(trx, { kind: 'user', id: 'ada' })
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    await nodes[1]?.room.poll()
    expect(nodes.map(({ heard }) => heard)).toEqual([[], []])
  })

  it('made by many at once are all heard by all: versions are numbers and commit in order', async () => {
    const ids = Array.from({ length: 40 }, (_, n) => `user${n}`)
    await Promise.all(ids.map((id, n) => announce(n % 2 === 0 ? 0 : 1, { kind: 'user', id })))
    for (const { heard, room } of nodes) {
      await room.poll()
      expect(new Set(heard)).toEqual(new Set(ids.map((id) => `user ${id}`)))
    }
    const rows = await databases[0]?.reader.selectFrom('hf_revocations').selectAll().execute()
    const versions = rows?.map(({ version }) => version).sort((a, b) => a - b) ?? []
    expect(versions.every((version, n) => n === 0 || version === (versions[n - 1] ?? 0) + 1)).toBe(
      true,
    )
  })

  it('that were swept before a node read them make it forget everything', async () => {
    await announce(0, { kind: 'session', id: 'one' })
    clock.jump(2 * hour)
    await nodes[0]?.room.sweep()
    await announce(0, { kind: 'session', id: 'two' })
    await nodes[1]?.room.poll()
    expect(nodes[1]?.heard[0]).toBe('everything')
  })

  it('are all swept at once when they are old, the others never', async () => {
    const at = clock.now()
    const [database] = databases
    const count = () =>
      database?.reader
        .selectFrom('hf_revocations')
        .selectAll()
        .where('version', '>', 10_000)
        .execute()
    for (let version = 10_001; version < 11_200; version += 100) {
      const old = Array.from({ length: 100 }, (_, n) => ({
        ...{ version: version + n, kind: 'session', subject: 'x', at },
      }))
      await database?.transaction((trx) => trx.insertInto('hf_revocations').values(old).execute())
    }
    clock.jump(hour)
    await nodes[0]?.room.sweep()
    expect(await count()).toHaveLength(1_200)
    clock.jump(1)
    await nodes[0]?.room.sweep(AbortSignal.abort())
    expect(await count()).toHaveLength(1_200)
    await nodes[0]?.room.sweep()
    expect(await count()).toHaveLength(0)
  })

  it('are not believed for longer than maxStale without a word from the database', async () => {
    const room = nodes[0]?.room
    expect(room?.fresh).toBe(true)
    await room?.close()
    clock.advance(10_000)
    expect(room?.fresh).toBe(true)
    clock.advance(1)
    expect(room?.fresh).toBe(false)
    await room?.poll()
    expect(room?.fresh).toBe(true)
  })

  it('leave no timer when they are closed', async () => {
    await Promise.all(nodes.map(({ room }) => room.close()))
    expect(clock.waiting).toBe(0)
  })
})

function never(): Promise<void> {
  throw new Error('there are two nodes')
}
