import { afterAll, beforeAll, expect, it } from 'vitest'
import { SoftwareAuthenticator } from '../../test/passkeys/authenticator.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import type { Trx } from '../database/index.ts'
import { decodeBase32 } from '../factors/index.ts'
import { codeOf, stepOf } from '../factors/totp.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import { findUserById, lockUser } from '../users/index.ts'

const origin = {}
const nobody = '01980000-0000-7000-8000-000000000000'

/** What sign-in does for somebody who has to enrol before there is a session. */
describeEngines('an enrolment without a session', (engine) => {
  let fresh: FreshDatabase
  let kit: TestSecurity
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    kit = await createTestSecurity({ database: fresh.url })
  })
  afterAll(async () => {
    await kit?.close()
    await fresh?.drop()
  })

  const inTrx = <T>(work: (trx: Trx) => Promise<T>) =>
    kit.security.parts.ground.database.transaction(work)
  const enrolment = () => kit.security.factors
  const someone = async (name: string) => {
    const password = 'correct horse battery staple 42'
    return (await kit.security.users.create({ email: `${name}@example.com`, password })).id
  }
  const versionOf = async (id: string) =>
    (await findUserById(kit.security.parts.ground.database.reader, id))?.credentials_version
  const codeFor = async (userId: string) => {
    const { secret } = await enrolment().beginTotp({ userId })
    return codeOf(decodeBase32(secret) ?? new Uint8Array(), stepOf(kit.clock.now()))
  }
  const enable = (userId: string, code: string) =>
    inTrx((trx) => enrolment().enableTotpWithin(trx, { userId, code, origin }))
  const recorded = async (userId: string) => {
    const rows = await kit.security.parts.ground.audit.find({ resourceId: userId, limit: 50 })
    return rows.map(({ action }) => action).filter((action) => action.startsWith('factor.'))
  }

  it('takes the first code, gives ten codes, and makes proofs of before worthless', async () => {
    const userId = await someone('ann')
    const before = await versionOf(userId)
    const code = await codeFor(userId)
    const enabled = await enable(userId, code)
    expect(enabled?.recoveryCodes).toHaveLength(10)
    expect(await versionOf(userId)).toBe(Number(before) + 1)
    expect(await recorded(userId)).toEqual(['factor.enabled'])
  })

  it('with a wrong code changes nothing, though its transaction goes on', async () => {
    const userId = await someone('ben')
    const before = await versionOf(userId)
    await codeFor(userId)
    expect(await enable(userId, 'no code')).toBeUndefined()
    expect(await versionOf(userId)).toBe(before)
    expect(await recorded(userId)).toEqual([])
    expect(await enrolment().overview({ userId })).toMatchObject({
      ...{ totp: null, recoveryCodesLeft: 0 },
    })
  })

  it('rule 5: never touches the factor of an account that has one', async () => {
    const userId = await someone('cid')
    expect(await enable(userId, await codeFor(userId))).toBeDefined()
    expect(await enable(userId, await codeFor(userId))).toBeUndefined()
    const credential = await verified(userId)
    const added = inTrx((trx) => enrolment().addPasskeyWithin(trx, { userId, credential, origin }))
    expect(await added).toBeUndefined()
    expect((await enrolment().overview({ userId })).passkeys).toEqual([])
    expect(await recorded(userId)).toEqual(['factor.enabled'])
  })

  it('of one code by many at once happens once', async () => {
    const userId = await someone('dan')
    const code = await codeFor(userId)
    const answers = await Promise.all(Array.from({ length: 30 }, () => enable(userId, code)))
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1)
    expect(await recorded(userId)).toEqual(['factor.enabled'])
  }, 60_000)

  it('adds a passkey that was verified, once', async () => {
    const userId = await someone('eve')
    const credential = await verified(userId)
    const add = () =>
      inTrx((trx) => enrolment().addPasskeyWithin(trx, { userId, credential, name: 'Key', origin }))
    const added = await add()
    expect(added).toMatchObject({ passkey: { name: 'Key', lastUsedAt: null } })
    expect(added?.recoveryCodes).toHaveLength(10)
    expect(await add()).toBeUndefined()
    const other = await someone('fay')
    const stolen = inTrx((trx) =>
      enrolment().addPasskeyWithin(trx, { userId: other, credential, origin }),
    )
    expect(await stolen).toBeUndefined()
    expect(await recorded(other)).toEqual([])
  })

  it('of an account that is gone does nothing', async () => {
    expect(await inTrx((trx) => lockUser(trx, nobody))).toBe(false)
    expect(await enable(nobody, '123456')).toBeUndefined()
    await expect(enrolment().beginTotp({ userId: nobody })).rejects.toMatchObject({
      code: 'session_revoked',
    })
    await expect(enrolment().overview({ userId: nobody })).rejects.toMatchObject({
      code: 'session_revoked',
    })
  })

  async function verified(userId: string) {
    const { passkeys } = kit.security.parts.rooms
    const owner = { id: userId, email: 'x@example.com', displayName: null }
    const { options } = await passkeys.registration(owner, 'browser')
    const response = new SoftwareAuthenticator().create(options, 'http://localhost:3000')
    const verdict = await passkeys.verifyRegistration({ userId, browser: 'browser', response })
    if (!verdict.ok) throw new Error('the authenticator was refused')
    return verdict.credential
  }
})
