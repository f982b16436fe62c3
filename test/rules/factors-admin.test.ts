import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeEngines, freshDatabase } from '../services/fresh-database.ts'
import { type FactorKit, factorKit, type Member, verdictOf } from './factor-kit.ts'
import { openSite, type Site } from './identity-kit.ts'

const hour = 60 * 60_000
const stepUp = { within: '24h' } as const

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

  describe('by two, where four eyes are asked for', () => {
    let [first, second, third]: Member[] = []
    beforeAll(async () => {
      site = await open({ mfa: { fourEyes: true }, stepUp })
      kit = factorKit(site)
      first = await kit.someone('first', ['admin'])
      second = await kit.someone('second', ['admin'])
      third = await kit.someone('third', ['admin'])
    })
    const admins = () => {
      if (!first || !second || !third) throw new Error('no administrators')
      return { first, second, third }
    }
    const awaiting = 'awaiting_second_administrator'

    it('the first call waits a day, the same administrator twice is one, a second one does it', async () => {
      const { first, second } = admins()
      const { owner: ann } = await kit.enrol(await kit.someone('anna'))
      const expiresAt = site.clock.now() + 24 * hour
      expect((await reset(first, ann, 'called me')).json).toEqual({ status: awaiting, expiresAt })
      await site.advance(60_000)
      for (const said of ['saw her', 'saw her']) {
        expect((await reset(first, ann, said)).json).toEqual({ status: awaiting, expiresAt })
      }
      expect(await totpOf(ann)).not.toBe(null)
      expect(await kit.isAlive(ann)).toBe(true)
      expect((await show(second, ann)).json.pendingReset).toEqual({
        ...{ requestedBy: first.id, reason: 'saw her', expiresAt },
      })
      expect((await reset(second, ann, 'saw her passport')).json).toEqual({ status: 'done' })
      expect(await totpOf(ann)).toBe(null)
      expect(await kit.records('factor.reset_requested', ann.id)).toMatchObject([
        { actor_id: first.id, reason: 'saw her' },
        { actor_id: first.id, reason: 'called me' },
      ])
      const [done] = await kit.records('factor.reset', ann.id)
      expect(done).toMatchObject({ actor_id: second.id, reason: 'saw her passport' })
      expect(JSON.stringify(done)).toContain(first.id)
      expect((await show(second, ann)).json.pendingReset).toBe(null)
    })

    it('a request ends after a day', async () => {
      const { first, second } = admins()
      const { owner: ben } = await kit.enrol(await kit.someone('bena'))
      await reset(first, ben)
      await site.advance(24 * hour - 60_000)
      const fresh = await kit.signIn(second.email)
      expect((await show(fresh, ben)).json.pendingReset).not.toBe(null)
      await site.advance(60_000)
      expect((await show(fresh, ben)).json.pendingReset).toBe(null)
      expect((await reset(fresh, ben)).json.status).toBe(awaiting)
      expect(await totpOf(ben)).not.toBe(null)
      await site.security.users.sweepResets()
      expect((await show(fresh, ben)).json.pendingReset).toMatchObject({ requestedBy: fresh.id })
      await site.advance(24 * hour)
      await site.security.users.sweepResets()
      const { reader } = site.security.parts.ground.database
      const rows = await reader.selectFrom('hf_factor_resets').selectAll().execute()
      expect(rows.filter(({ user_id }) => user_id === ben.id)).toEqual([])
    })

    it('rule 5: nothing withdraws it that a session may do without a proof, or that changes no factor', async () => {
      const [one, other] = [
        await kit.someone('steady1', ['admin']),
        await kit.someone('steady2', ['admin']),
      ]
      const { owner: hal } = await kit.enrol(await kit.someone('hala'))
      await reset(one, hal)
      await site.login(hal.email, 'wrong')
      const versionOf = async () =>
        await site.security.parts.ground.database.reader
          .selectFrom('hf_users')
          .select('credentials_version')
          .where('id', '=', hal.id)
          .executeTakeFirstOrThrow()
      const before = await versionOf()
      await site.security.users.endSessions(hal.id, { reason: 'a stranger sat there' })
      await site.security.users.lock(hal.id, {}, { reason: 'a stranger sat there' })
      await site.security.users.unlock(hal.id, { reason: 'over' })
      expect(await versionOf()).not.toEqual(before)
      expect((await show(other, hal)).json.pendingReset).not.toBe(null)
      expect(await kit.records('factor.reset_withdrawn', hal.id)).toEqual([])
      expect((await reset(other, hal)).json.status).toBe('done')
      expect(await kit.records('factor.reset_withdrawn', hal.id)).toEqual([])
    })

    it('its owner hears of it, once a day, and ends it by "this was not me"', async () => {
      const { owner: ida } = await kit.enrol(await kit.someone('idaa'))
      // A report would take a younger factor back, which withdraws by itself.
      await site.advance(8 * 24 * hour)
      const [one, other] = [
        await kit.someone('told1', ['admin']),
        await kit.someone('told2', ['admin']),
      ]
      await site.deliverMail()
      await reset(one, ida, 'lost')
      await reset(one, ida, 'lost, she says')
      await site.deliverMail()
      const mails = site.mailbox.list(ida.email).map(({ subject }) => subject)
      expect(mails.filter((subject) => subject.startsWith('Reset of two-step'))).toHaveLength(1)
      expect(mails.at(-1)).toContain('Reset of two-step')
      const token = site.mailbox.latestToken(ida.email)
      expect((await site.post('/auth/report', { token })).status).toBe(200)
      expect((await show(other, ida)).json.pendingReset).toBe(null)
    })

    it('a change of password or factor withdraws it, and is recorded', async () => {
      const [one, other] = [
        await kit.someone('one', ['admin']),
        await kit.someone('two', ['admin']),
      ]
      const { owner: cid } = await kit.enrol(await kit.someone('cida'))
      await reset(one, cid)
      await kit.call('POST', '/auth/mfa/recovery-codes', cid)
      expect((await show(other, cid)).json.pendingReset).toBe(null)
      expect(await kit.records('factor.reset_withdrawn', cid.id)).toMatchObject([
        { actor_kind: 'user', actor_id: cid.id },
      ])
      expect((await reset(other, cid)).json.status).toBe(awaiting)
      expect(await totpOf(cid)).not.toBe(null)
    })

    it('rule 10: whoever was demoted or shut out since is no second pair of eyes', async () => {
      const one = await kit.someone('demoted', ['admin'])
      const two = await kit.someone('locked', ['admin'])
      const other = await kit.someone('other', ['admin'])
      const { owner: dan } = await kit.enrol(await kit.someone('dana'))
      await reset(one, dan)
      await site.security.users.withdrawRole(one.id, 'admin')
      expect((await reset(two, dan)).json.status).toBe(awaiting)
      await site.security.users.lock(two.id)
      expect((await reset(other, dan)).json.status).toBe(awaiting)
      expect(await totpOf(dan)).not.toBe(null)
    })

    it('of two seconds at once one resets', async () => {
      const [one, two, three] = [
        await kit.someone('a1', ['admin']),
        await kit.someone('a2', ['admin']),
        await kit.someone('a3', ['admin']),
      ]
      const { owner: eve } = await kit.enrol(await kit.someone('evea'))
      await reset(one, eve)
      const answers = await Promise.all([reset(two, eve), reset(three, eve)])
      expect(answers.map(verdictOf).sort()).toEqual(['200', '409 factor_missing'])
      expect(await kit.records('factor.reset', eve.id)).toHaveLength(1)
    })

    it('of two first calls at once the later one is the second', async () => {
      const [one, two] = [await kit.someone('b1', ['admin']), await kit.someone('b2', ['admin'])]
      const { owner: fay } = await kit.enrol(await kit.someone('faya'))
      const answers = await Promise.all([reset(one, fay), reset(two, fay)])
      expect(answers.map(({ json }) => json.status).sort()).toEqual([awaiting, 'done'])
      expect(await kit.records('factor.reset', fay.id)).toHaveLength(1)
    })

    it('code and the command line need no second', async () => {
      const { owner: gus } = await kit.enrol(await kit.someone('gusa'))
      const by = { actor: { kind: 'operator', id: 'root' }, reason: 'lost' } as const
      expect(await site.security.users.resetFactors(gus.email, by)).toEqual({ status: 'done' })
      expect(await kit.records('factor.reset', gus.id)).toMatchObject([{ actor_kind: 'operator' }])
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
