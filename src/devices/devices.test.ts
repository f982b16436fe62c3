import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import { deviceHash } from './devices.ts'
import { findDevice, updateSeenDevice } from './store.ts'

const day = 24 * 60 * 60 * 1000
const userAgent = 'a browser'
const home = deviceHash({ device: 'h'.repeat(43), userAgent })
const phone = deviceHash({ device: 'p'.repeat(43), userAgent })

describeEngines('devices of an account', (engine) => {
  let fresh: FreshDatabase
  let kit: TestSecurity
  let userId = ''
  let people = 0
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    kit = await createTestSecurity({ database: fresh.url })
  })
  afterAll(async () => {
    await kit?.close()
    await fresh?.drop()
  })
  beforeEach(async () => {
    const email = `person${++people}@example.com`
    const password = 'correct horse battery staple 42'
    userId = (await kit.security.users.create({ email, password })).id
  })

  const ground = () => kit.security.parts.ground
  const note = (hash: string, ip = '192.0.2.1') =>
    ground().database.transaction((trx) =>
      ground().devices.note(trx, { userId, deviceHash: hash, ip, userAgent }),
    )
  const forget = (id: string, of = userId) =>
    ground().database.transaction((trx) =>
      ground().devices.forget(trx, of, id, { actor: { kind: 'user', id: of } }),
    )
  const hashes = async () =>
    (await ground().devices.list(userId)).map(({ device_hash }) => device_hash)

  it('are new once, listed with what was seen last, and new again once forgotten', async () => {
    const first = await note(home)
    expect(first.isNew).toBe(true)
    kit.clock.jump(1_000)
    expect(await note(home, '198.51.100.1')).toEqual({ id: first.id, isNew: false })
    const [row] = await ground().devices.list(userId)
    expect(row).toMatchObject({ ip: '198.51.100.1', user_agent: userAgent })
    expect((row?.last_seen_at ?? 0) - (row?.first_seen_at ?? 0)).toBe(1_000)
    expect(await forget(first.id)).toBe(true)
    expect(await forget(first.id)).toBe(false)
    expect(await hashes()).toEqual([])
    expect(await note(home)).toEqual({ id: first.id, isNew: true })
  })

  it('that are forgotten while a sign-in has them known stay forgotten', async () => {
    const { database } = ground()
    const { id } = await note(home)
    const read = async () => {
      const row = await findDevice(database.reader, userId, home)
      if (!row) throw new Error('no device')
      return row
    }
    const seen = { ip: null, user_agent: userAgent, last_seen_at: kit.clock.now() }
    const signIn = (as: Awaited<ReturnType<typeof read>>) =>
      database.transaction((trx) => updateSeenDevice(trx, as, seen))
    const known = await read()
    await forget(id)
    expect(await signIn(known)).toBe(false)
    expect(await hashes()).toEqual([])
    // So do those that were forgotten twice, with a sign-in between.
    const forgotten = await read()
    expect(await signIn(forgotten)).toBe(true)
    kit.clock.jump(1_000)
    await forget(id)
    expect(await signIn(forgotten)).toBe(false)
    expect(await hashes()).toEqual([])
  })

  it('that a mailed link has made known are unproven until somebody signs in', async () => {
    const { database, devices } = ground()
    const proven = async () => (await devices.known(database.reader, userId, [home]))?.proven
    const seen = { userId, deviceHash: home, ip: undefined, userAgent }
    await database.transaction((trx) => devices.noteLink(trx, seen))
    expect(await proven()).toBe(false)
    expect((await note(home)).isNew).toBe(false)
    expect(await proven()).toBe(true)
  })

  it('are forgotten by their owner alone', async () => {
    const { id } = await note(home)
    expect(await forget(id, '01900000-0000-7000-8000-000000000000')).toBe(false)
    expect(await hashes()).toEqual([home])
  })

  it('can all be forgotten but one', async () => {
    await note(home)
    kit.clock.jump(1)
    await note(phone)
    expect(await hashes()).toEqual([phone, home])
    const all = (exceptHash?: string) =>
      ground().database.transaction((trx) =>
        ground().devices.forgetAll(trx, userId, { exceptHash }),
      )
    expect(await all(phone)).toBe(1)
    expect(await hashes()).toEqual([phone])
    expect(await all()).toBe(1)
    expect(await hashes()).toEqual([])
  })

  it('are trusted by themselves, until an end, and until they are forgotten or a credential changes', async () => {
    const { id } = await note(home)
    await note(phone)
    const { database, devices } = ground()
    const known = (hash = home) => devices.known(database.reader, userId, [hash])
    const trust = (of = userId) => {
      const until = kit.clock.now() + 30 * day
      return database.transaction((trx) =>
        devices.trust(trx, { userId: of, id, origin: {} }, until),
      )
    }
    expect(await known()).toEqual({ deviceHash: home, proven: true, trusted: false })
    expect(await trust('01900000-0000-7000-8000-000000000000')).toBe(false)
    expect(await trust()).toBe(true)
    expect(await known()).toEqual({ deviceHash: home, proven: true, trusted: true })
    expect(await known(phone)).toEqual({ deviceHash: phone, proven: true, trusted: false })
    expect(await devices.known(database.reader, userId, [])).toBeUndefined()
    kit.clock.jump(30 * day)
    expect(await known()).toEqual({ deviceHash: home, proven: true, trusted: false })
    expect((await devices.list(userId)).map((row) => row.trusted_until)).toEqual([null, null])
    await trust()
    expect(await database.transaction((trx) => devices.distrustAll(trx, userId))).toBe(1)
    expect(await known()).toEqual({ deviceHash: home, proven: true, trusted: false })
    await trust()
    await forget(id)
    expect(await known()).toBeUndefined()
    expect(await trust()).toBe(false)
    await note(home)
    expect(await known()).toEqual({ deviceHash: home, proven: true, trusted: false })
    await trust()
    await database.transaction((trx) => devices.forgetAll(trx, userId, { exceptHash: home }))
    expect(await known()).toEqual({ deviceHash: home, proven: true, trusted: false })
  })

  it('that nobody has used for a year are deleted', async () => {
    await note(home)
    kit.clock.jump(200 * day)
    await note(phone)
    kit.clock.jump(200 * day)
    await ground().devices.sweep()
    expect(await hashes()).toEqual([phone])
  })
})
