import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeEngines, freshDatabase } from '../services/fresh-database.ts'
import { type FactorKit, factorKit, type Member, verdictOf } from './factor-kit.ts'
import { openSite, type Site } from './identity-kit.ts'

const hour = 60 * 60_000
const stepUp = { within: '24h' } as const

describeEngines('second factors as two administrators reset them', (engine) => {
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
})
