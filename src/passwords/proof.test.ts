import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commonErrors } from '../errors/index.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import { blockPassword } from './store.ts'

const password = 'correct horse battery staple 42'

describe('a proof of the current password', () => {
  let kit: TestSecurity
  let userId = ''
  let hashes = 0
  beforeAll(async () => {
    kit = await createTestSecurity()
    userId = (await kit.security.users.create({ email: 'ada@example.com', password })).id
    const { hasher } = kit.security.parts.ground
    const verify = hasher.verify.bind(hasher)
    hasher.verify = (stored, given) => {
      hashes += 1
      return verify(stored, given)
    }
  })
  afterAll(() => kit.close())

  let session = 'one'
  const prove = (given: string, id = userId) =>
    kit.security.parts.ground.proof.prove({
      ...{ userId: id, sessionId: session, password: given, origin: {} },
    })
  const codeOf = (given: string, id?: string) =>
    prove(given, id).then(
      () => 'proven',
      (error) => `${error.status} ${error.code}`,
    )

  it('of a burst of 50 wrong ones five are hashed, and all are told the same', async () => {
    hashes = 0
    const codes = await Promise.all(Array.from({ length: 50 }, () => codeOf('wrong')))
    expect(new Set(codes)).toEqual(new Set(['401 password_wrong']))
    expect(hashes).toBe(5)
    expect(await codeOf(password)).toBe('401 password_wrong')
    expect(hashes).toBe(5)
    kit.clock.jump(1_000)
    expect(await codeOf(password)).toBe('proven')
  })

  const wrongOnes = async (tries: number) => {
    hashes = 0
    for (let n = 0; n < tries; n++) {
      expect(await codeOf('wrong')).toBe('401 password_wrong')
      kit.clock.jump(15 * 60_000)
    }
    return hashes
  }
  const reset = () => {
    const { database, throttle } = kit.security.parts.ground
    return database.transaction((trx) => throttle.clear(trx, userId))
  }

  it('rule 11: 12 wrong in a row close it in their session, and in no other', async () => {
    expect(await wrongOnes(25)).toBe(12)
    expect(await codeOf(password)).toBe('401 password_wrong')
    session = 'two'
    expect(await codeOf(password)).toBe('proven')
    session = 'one'
    expect(await codeOf(password)).toBe('401 password_wrong')
    await reset()
    expect(await codeOf(password)).toBe('proven')
  })

  it('rule 13: sessions without a known device have 60 wrong ones together, and the success of one refills no other', async () => {
    let all = 0
    for (let n = 0; n < 7; n++) {
      session = `thief ${n}`
      all += await wrongOnes(25)
      session = 'own'
      if (all < 60) expect(await codeOf(password)).toBe('proven')
    }
    expect(all).toBe(60)
    expect(await codeOf(password)).toBe('401 password_wrong')
    await reset()
    expect(await codeOf(password)).toBe('proven')
  })

  it('rule 13: what its own session got wrong before a success counts no more', async () => {
    for (let n = 0; n < 7; n++) {
      expect(await wrongOnes(9)).toBe(9)
      expect(await codeOf(password)).toBe('proven')
    }
  })

  it('the owner is told after ten wrong ones, once a day', async () => {
    const { database } = kit.security.parts.ground
    const told = async () => {
      const rows = await database.reader.selectFrom('hf_audit').selectAll().execute()
      return rows.filter((row) => JSON.stringify(row).includes('password.proof_attacked')).length
    }
    const before = await told()
    kit.clock.jump(25 * 60 * 60_000)
    session = 'told'
    await wrongOnes(9)
    expect(await told()).toBe(before)
    await wrongOnes(6)
    expect(await told()).toBe(before + 1)
    await reset()
  })

  it('that could not be evaluated is none, however often the queue is full', async () => {
    const { hasher } = kit.security.parts.ground
    const { verify } = hasher
    hasher.verify = async () => {
      throw commonErrors.unavailable({ retryAfter: 1 })
    }
    for (let n = 0; n < 25; n++) expect(await codeOf(password)).toBe('503 unavailable')
    hasher.verify = verify
    expect(await codeOf(password)).toBe('proven')
  })

  it('a blocked password, and an account without one, cost the same hash and are told the same', async () => {
    const { database } = kit.security.parts.ground
    await database.transaction((trx) => blockPassword(trx, userId, 'reported'))
    hashes = 0
    expect(await codeOf(password)).toBe('401 password_wrong')
    expect(await codeOf(password, '01900000-0000-7000-8000-000000000000')).toBe(
      '401 password_wrong',
    )
    expect(hashes).toBe(2)
  })
})
