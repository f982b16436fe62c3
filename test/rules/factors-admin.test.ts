import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeEngines, freshDatabase } from '../services/fresh-database.ts'
import { type FactorKit, factorKit, type Member, verdictOf } from './factor-kit.ts'
import { openSite, type Site } from './identity-kit.ts'

const hour = 60 * 60_000

describeEngines('second factors as administrators handle them', (engine) => {
  let site: Site
  let kit: FactorKit
  const drops: (() => Promise<void>)[] = []

  async function open(options: Parameters<typeof openSite>[0]): Promise<Site> {
    const fresh = await freshDatabase(engine)
    const opened = await openSite({
      ...{ database: fresh.url, captcha: { provider: 'none' }, ...options },
    })
    drops.push(async () => {
      await opened.close()
      await fresh.drop()
    })
    return opened
  }

  afterAll(async () => {
    for (const drop of drops) await drop()
  })

  const reset = (by: Member, who: Member, reason = 'lost her phone') =>
    kit.call('POST', `/admin/users/${who.id}/factors/reset`, by, { reason })
  const show = (by: Member, who: Member) => kit.call('GET', `/admin/users/${who.id}/factors`, by)
  const totpOf = async (who: Member) =>
    (await site.security.factors.overview({ userId: who.id })).totp

  describe('by one', () => {
    let admin: Member
    beforeAll(async () => {
      site = await open({})
      kit = factorKit(site)
      admin = await kit.someone('admin', ['admin'])
    })

    it('are seen with the permission to, and never with what could prove one', async () => {
      const { codes, owner, secret } = await kit.enrol(await kit.someone('ann'))
      const { json, text } = await show(admin, owner)
      expect(json).toEqual({
        userId: owner.id,
        totp: { since: site.clock.now() },
        ...{ recoveryCodesLeft: 10, passkeys: [], requiredLevel: 1, dueAt: null },
        pendingReset: null,
      })
      for (const kept of [secret, ...codes]) expect(text).not.toContain(kept)
      const account = await kit.call('GET', `/admin/users/${owner.id}`, admin)
      expect(account.json).toMatchObject({
        ...{ totpSince: site.clock.now(), passkeys: 0, requiredLevel: 1 },
      })
      const nobody = await kit.someone('nobody')
      expect(verdictOf(await show(nobody, owner))).toBe('403 forbidden')
      expect(verdictOf(await reset(nobody, owner))).toBe('403 forbidden')
      expect(await totpOf(owner)).not.toBe(null)
    })

    it('are taken away with everything that rests on them, for a reason', async () => {
      const { codes, owner: ben, secret } = await kit.enrol(await kit.someone('ben'))
      expect(await reset(admin, ben)).toMatchObject({ status: 200, json: { status: 'done' } })
      expect(await kit.isAlive(ben)).toBe(false)
      expect(await totpOf(ben)).toBe(null)
      await site.advance(60_000)
      expect(await kit.spends(ben, kit.code(secret))).toBe(false)
      expect(await kit.spends(ben, codes[0] ?? '')).toBe(false)
      expect(await kit.records('factor.reset', ben.id)).toMatchObject([
        { actor_id: admin.id, reason: 'lost her phone' },
      ])
      // The password is proven anew, and is enough.
      expect(await kit.isAlive(await kit.signIn(ben.email))).toBe(true)
    })

    it('a secret that waits for its first code goes as well', async () => {
      const cid = await kit.someone('cid')
      await kit.adopt(cid)
      const { secret } = await site.security.factors.beginTotp({ userId: cid.id })
      await reset(admin, cid)
      const again = await kit.signIn(cid.email)
      const body = { code: kit.code(secret) }
      expect(verdictOf(await kit.call('POST', '/auth/mfa/totp/enable', again, body))).toBe(
        '409 totp_not_started',
      )
    })

    it('what was guessed at them is forgotten, so that new ones can be proven', async () => {
      const { owner: ron } = await kit.enrol(await kit.someone('ron'))
      const { factors } = site.security.parts.rooms
      const { database } = site.security.parts.ground
      const methods = ['totp', 'recovery_code'] as const
      const guessAt = (method: (typeof methods)[number]) => {
        return { userId: ron.id, method, deviceHash: undefined, clientKey: '192.0.2.1' }
      }
      for (const method of methods) {
        let guess = await factors.reserve(guessAt(method))
        while (guess) {
          const wrong = guess
          await database.transaction((trx) => factors.fail(trx, wrong))
          guess = await factors.reserve(guessAt(method))
        }
      }
      await reset(admin, ron)
      for (const method of methods) {
        expect(await factors.reserve(guessAt(method)), method).toBeDefined()
      }
    })

    it('that are not there cannot be taken away', async () => {
      const dan = await kit.someone('dan')
      expect(verdictOf(await reset(admin, dan))).toBe('409 factor_missing')
      expect(await kit.isAlive(dan)).toBe(true)
    })

    it('rule 10: are out of reach for whoever holds less, and are nobody’s own to reset', async () => {
      const root = (await kit.enrol(await kit.someone('root', ['super_admin']))).owner
      expect(verdictOf(await reset(admin, root))).toBe('403 role_outranks_giver')
      const own = (await kit.enrol(await kit.someone('own', ['admin']))).owner
      expect(verdictOf(await reset(own, own))).toBe('403 own_account_unchangeable')
      expect([await totpOf(root), await totpOf(own)]).not.toContain(null)
    })

    it('rule 5: are not reset on an old proof, or one of level 1 by somebody with a second factor', async () => {
      const { owner: eve } = await kit.enrol(await kit.someone('eve'))
      const weak = await kit.someone('weak', ['admin'])
      await kit.adopt(weak)
      expect(verdictOf(await reset(weak, eve))).toBe('401 step_up_required')
      const old = await kit.someone('old', ['admin'])
      await site.advance(hour)
      const late = await kit.renewed(old)
      expect(verdictOf(await reset(late, eve))).toBe('401 step_up_required')
      expect(await totpOf(eve)).not.toBe(null)
    })

    it('need a reason, and an account', async () => {
      const giver = await kit.someone('giver', ['admin'])
      const { owner: fay } = await kit.enrol(await kit.someone('fay'))
      expect(
        (await kit.call('POST', `/admin/users/${fay.id}/factors/reset`, giver, {})).status,
      ).toBe(400)
      const nobody = { ...fay, id: '01980000-0000-7000-8000-000000000000' }
      expect(verdictOf(await reset(giver, nobody))).toBe('404 account_not_found')
      expect(verdictOf(await show(giver, nobody))).toBe('404 account_not_found')
    })

    it('rule 39: a reset that cannot be recorded has not happened', async () => {
      const giver = await kit.someone('giver2', ['admin'])
      const { owner: gus } = await kit.enrol(await kit.someone('gus'))
      const { audit } = site.security.parts.ground
      const record = audit.record.bind(audit)
      audit.record = async (trx, event) => {
        if (event.name === 'factor.reset') throw new Error('the disk is full')
        return record(trx, event)
      }
      expect((await reset(giver, gus)).status).toBe(500)
      audit.record = record
      expect(await totpOf(gus)).not.toBe(null)
      expect(await kit.isAlive(gus)).toBe(true)
    })
  })

  describe('where policy demands one', () => {
    it('the last one stays, and the account says what is demanded of it', async () => {
      site = await open({ mfa: { roles: ['manager'], grace: '1d' } })
      kit = factorKit(site)
      const admin = await kit.someone('boss', ['admin'])
      const mia = await kit.someone('mia', ['manager'])
      const overview = () => site.security.factors.overview({ userId: mia.id })
      const dueAt = site.clock.now() + 24 * hour
      expect(await overview()).toMatchObject({ totp: null, requiredLevel: 2, dueAt })
      const { owner } = await kit.enrol(mia)
      expect((await kit.call('GET', '/auth/mfa', owner)).json.requiredLevel).toBe(2)
      expect((await kit.call('GET', `/admin/users/${mia.id}`, admin)).json.requiredLevel).toBe(2)
      expect(verdictOf(await kit.call('POST', '/auth/mfa/totp/disable', owner))).toBe(
        '409 factor_required',
      )
      expect(await totpOf(owner)).not.toBe(null)
      expect((await show(admin, owner)).json.recoveryCodesLeft).toBe(10)
    })
  })
})
