import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Trx } from '../../src/database/index.ts'
import { decodeBase32 } from '../../src/factors/index.ts'
import { codeOf, stepOf } from '../../src/factors/totp.ts'
import { replaceEmail } from '../../src/users/index.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'
import { as, newPassword, type RecoveryKit, recoveryKit, type SignedIn } from './recovery-kit.ts'

const dayMs = 24 * 60 * 60_000
const minuteMs = 60_000

describe('"this was not me" and second factors', () => {
  let site: Site
  let kit: RecoveryKit
  beforeAll(async () => {
    site = await openSite({ captcha: { provider: 'none' } })
    kit = recoveryKit(site)
  })
  afterAll(() => site?.close())

  const report = async (token: string) =>
    expect(await site.post('/auth/report', { token })).toMatchObject({ status: 200 })
  const transaction = <T>(work: (trx: Trx) => Promise<T>) =>
    site.security.parts.ground.database.transaction(work)
  const codeOfApp = (secret: string) =>
    codeOf(decodeBase32(secret) ?? new Uint8Array(), stepOf(site.clock.now()))

  /** Adds an app through the doors, as whoever has the session; its secret and codes, and the notice. */
  const addApp = async (who: SignedIn) => {
    const setup = await site.post('/auth/mfa/totp/setup', {}, as(who))
    const code = codeOfApp(setup.json.secret)
    const enabled = await site.post('/auth/mfa/totp/enable', { code }, as(who))
    expect(enabled).toMatchObject({ status: 200, json: { success: true } })
    const notice = await kit.link(who.email)
    return { secret: String(setup.json.secret), codes: enabled.json.recoveryCodes, notice }
  }
  /** The answer to a sign-in with the password that the way back has set. */
  const comeBack = async (who: SignedIn, password = newPassword) => {
    expect((await kit.reset(await kit.link(who.email), password)).status).toBe(200)
    return (await site.login(who.email, password)).json
  }
  const factorsOf = (who: SignedIn) =>
    site.security.parts.rooms.factors.status(site.security.parts.ground.database.reader, who.id)

  it('an app that an intruder enrolled is taken back by its own notice: its owner gets in', async () => {
    const ann = await kit.someone('ann')
    const { codes, notice } = await addApp(ann)
    expect((await site.login(ann.email, goodPassword)).json.status).toBe('mfa_required')
    await report(notice)
    expect(await factorsOf(ann)).toEqual({ totp: null, recoveryCodesLeft: 0 })
    expect(await comeBack(ann)).toMatchObject({ status: 'signed_in' })
    const { factors } = site.security.parts.rooms
    const guess = { userId: ann.id, method: 'recovery_code', code: codes[0] } as const
    expect(await transaction((trx) => factors.spend(trx, guess))).toBeUndefined()
    const [record] = await kit.records('factor.disabled')
    expect(record).toMatchObject({ resource_id: ann.id, reason: 'reported_by_owner' })
  })

  it('an app whose own notice has run out stays: a mailbox alone never takes it away', async () => {
    const ben = await kit.someone('ben')
    const { notice: first } = await addApp(ben)
    site.clock.jump(7 * dayMs + 2 * minuteMs)
    await transaction((trx) =>
      site.security.parts.ground.recorder.record(trx, {
        name: 'sign_in.factor_attacked',
        actor: { kind: 'anonymous' },
        payload: { userId: ben.id },
      }),
    )
    const attacked = await kit.link(ben.email)
    await report(attacked)
    expect(await factorsOf(ben)).toMatchObject({ totp: {}, recoveryCodesLeft: 10 })
    expect(await comeBack(ben)).toMatchObject({ status: 'mfa_required' })
    expect((await site.post('/auth/report', { token: first })).json.code).toBe('link_invalid')
    expect(await factorsOf(ben)).toMatchObject({ totp: {} })
  })

  it('an app whose own notice still works goes, whichever notice is answered', async () => {
    const bea = await kit.someone('bea')
    const { notice: first } = await addApp(bea)
    site.clock.jump(7 * dayMs - minuteMs)
    await transaction((trx) =>
      site.security.parts.ground.recorder.record(trx, {
        name: 'sign_in.attacked',
        actor: { kind: 'anonymous' },
        payload: { userId: bea.id },
      }),
    )
    await report(await kit.link(bea.email))
    expect(await factorsOf(bea)).toEqual({ totp: null, recoveryCodesLeft: 0 })
    expect(await comeBack(bea)).toMatchObject({ status: 'signed_in' })
    await report(first)
  })

  it('a passkey and codes of an intruder go, and those of before stay', async () => {
    const cid = await kit.someone('cid')
    const { passkeys, factors } = site.security.parts.rooms
    const credential = (credentialId: string) => {
      return {
        ...{ credentialId, publicKey: 'key', counter: 0, transports: [], backedUp: false },
        ...{ aaguid: '00000000-0000-0000-0000-000000000000', backupEligible: false },
      }
    }
    const add = (credentialId: string) =>
      transaction((trx) =>
        passkeys.add(trx, { userId: cid.id, credential: credential(credentialId) }),
      )
    await transaction((trx) => factors.adopt(trx, { userId: cid.id, secret: Buffer.alloc(20, 1) }))
    await add('of the owner')
    site.clock.jump(8 * dayMs)
    await transaction((trx) =>
      site.security.parts.ground.recorder.record(trx, {
        name: 'factor.disabled',
        actor: { kind: 'user', id: cid.id },
        payload: { userId: cid.id, factor: 'passkey' },
      }),
    )
    const notice = await kit.link(cid.email)
    site.clock.jump(minuteMs)
    await add('of the intruder')
    await transaction((trx) => factors.newCodes(trx, cid.id))
    await transaction((trx) => factors.begin(trx, { userId: cid.id, account: cid.email }))
    await report(notice)
    const left = await passkeys.list(site.security.parts.ground.database.reader, cid.id)
    expect(left.map(({ credential_id }) => credential_id)).toEqual(['of the owner'])
    expect(await factorsOf(cid)).toMatchObject({ totp: {}, recoveryCodesLeft: 0 })
    const reader = site.security.parts.ground.database.reader
    expect(await factors.isPending(reader, cid.id)).toBe(false)
    const user = await reader
      .selectFrom('hf_users')
      .select('passkeys')
      .where('id', '=', cid.id)
      .executeTakeFirst()
    expect(user).toEqual({ passkeys: 1 })
  })

  it('a report answers with one mail, which tells what it took back and to add it again', async () => {
    const dan = await kit.someone('dan')
    const { notice } = await addApp(dan)
    const before = site.mailbox.list(dan.email).length
    await report(notice)
    await site.deliverMail()
    expect(site.mailbox.list(dan.email).length - before).toBe(1)
    const text = site.mailbox.list(dan.email).at(-1)?.text
    expect(text).toContain('authenticator app and recovery codes')
    expect(text).toContain('add the second factors again')
  })

  it('a report that takes nothing back does not speak of it', async () => {
    const dot = await kit.someone('dot')
    await transaction((trx) =>
      site.security.parts.ground.recorder.record(trx, {
        name: 'sign_in.attacked',
        actor: { kind: 'anonymous' },
        payload: { userId: dot.id },
      }),
    )
    await report(await kit.link(dot.email))
    await site.deliverMail()
    expect(site.mailbox.list(dot.email).at(-1)?.text).not.toContain('second factors away')
  })

  it('recovery codes go with the last factor, however old they are', async () => {
    const fay = await kit.someone('fay')
    const { factors } = site.security.parts.rooms
    await transaction((trx) => factors.newCodes(trx, fay.id))
    site.clock.jump(8 * dayMs)
    const { notice } = await addApp(await kit.signIn(fay.email))
    await report(notice)
    expect(await factorsOf(fay)).toEqual({ totp: null, recoveryCodesLeft: 0 })
  })

  it('an address that is put back takes the factors since with it', async () => {
    const eve = await kit.someone('eve')
    const change = { email: 'thief@example.com', currentPassword: goodPassword }
    expect((await site.post('/auth/email/change', change, as(eve))).status).toBe(202)
    const confirmed = await site.post('/auth/email/confirm', {
      token: await kit.link('thief@example.com'),
    })
    expect(confirmed.status).toBe(200)
    const undo = await kit.link(eve.email)
    site.clock.jump(10 * minuteMs)
    const { factors } = site.security.parts.rooms
    await transaction((trx) => factors.adopt(trx, { userId: eve.id, secret: Buffer.alloc(20, 1) }))
    expect((await site.post('/auth/email/undo', { token: undo })).status).toBe(200)
    expect(await factorsOf(eve)).toMatchObject({ totp: null })
  })

  it.each(['/auth/email/undo', '/auth/report'])(
    'what was enrolled before the address was replaced goes with it: %s',
    async (path) => {
      const name = `gil${path.length}`
      const gil = await kit.someone(name)
      const { notice } = await addApp(gil)
      site.clock.jump(10 * minuteMs)
      const thief = `${name}-thief@example.com`
      await transaction(async (trx) => {
        const now = site.clock.now()
        const address = { email: thief, email_canonical: thief, verified_at: now }
        await replaceEmail(trx, gil.id, address)
        await site.security.parts.ground.recorder.record(trx, {
          name: 'email.changed',
          actor: { kind: 'user', id: gil.id },
          payload: { userId: gil.id, previousEmail: gil.email },
        })
      })
      const undo = await kit.link(gil.email)
      const token = path === '/auth/report' ? notice : undo
      expect((await site.post(path, { token })).status).toBe(200)
      expect(await factorsOf(gil)).toEqual({ totp: null, recoveryCodesLeft: 0 })
      expect(await comeBack(gil)).toMatchObject({ status: 'signed_in' })
    },
  )
})
