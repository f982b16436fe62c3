import { describe, expect, it } from 'vitest'
import { describeEngines } from '../services/fresh-database.ts'
import { verdictOf } from './factor-kit.ts'
import { minute, openOwnerBench } from './owner-bench.ts'

describeEngines('changes of second factors', (engine) => {
  const bench = openOwnerBench(engine)
  const { enable, enrolled, overview, refused, setup } = bench

  const changes: readonly (readonly [string, string, unknown])[] = [
    ['POST', '/auth/mfa/totp/setup', undefined],
    ['POST', '/auth/mfa/setup', undefined],
    ['POST', '/auth/mfa/totp/enable', { code: '123456' }],
    ['POST', '/auth/mfa/enable', { code: '123456' }],
    ['POST', '/auth/mfa/totp/disable', undefined],
    ['POST', '/auth/mfa/recovery-codes', undefined],
    ['POST', '/auth/passkeys/options', undefined],
    ['POST', '/auth/passkeys', { response: {} }],
    ['DELETE', '/auth/passkeys/some', undefined],
  ]

  describe('rule 5: every change', () => {
    it('is refused to a password alone where there is a second factor', async () => {
      const { kit } = bench
      const ben = await kit.someone('bena')
      await kit.adopt(ben)
      for (const [method, path, body] of changes) {
        const answer = await kit.call(method, path, ben, body)
        expect(verdictOf(answer), path).toBe('401 step_up_required')
        expect(answer.json.level, path).toBe(2)
      }
      expect(await overview(ben)).toMatchObject({ recoveryCodesLeft: 0 })
    })

    it('is refused to an old session', async () => {
      const { kit, site } = bench
      const cid = await kit.someone('cida')
      const owner = await enrolled(cid)
      await site.advance(20 * minute)
      const later = await kit.renewed(owner)
      for (const [method, path, body] of changes) {
        expect(await refused(kit.call(method, path, later, body)), path).toBe(
          '401 step_up_required',
        )
      }
      expect(await overview(later)).toMatchObject({ recoveryCodesLeft: 10 })
    })

    it('is refused without HTTP too, whatever the caller says of itself', async () => {
      const { kit, site } = bench
      const dan = await kit.someone('dana')
      const before = await kit.auth(dan)
      await kit.adopt(dan)
      const origin = {}
      const { factors } = site.security
      const lies = [before, { ...before, level: 2, secondFactor: false }] as const
      for (const auth of lies) {
        const request = { auth, origin }
        const tries = [
          () => factors.beginTotp({ auth }),
          () => factors.enableTotp({ ...request, code: '123456' }),
          () => factors.disableTotp(request),
          () => factors.newRecoveryCodes(request),
          () => factors.passkeyOptions({ auth, browser: 'b' }),
          () => factors.addPasskey({ ...request, browser: 'b', response: {} }),
          () => factors.removePasskey({ ...request, id: 'x' }),
        ]
        for (const attempt of tries) {
          await expect(attempt()).rejects.toMatchObject({ code: 'step_up_required' })
        }
      }
      await site.advance(60 * minute)
      const fresh = { ...before, authTime: site.clock.now() }
      await expect(factors.disableTotp({ auth: fresh, origin })).rejects.toMatchObject({
        code: 'step_up_required',
      })
    })

    it('is refused to somebody who names the account of another', async () => {
      const { kit, site } = bench
      const [eve, fay] = [await kit.someone('evea'), await kit.someone('faya')]
      const auth = { ...(await kit.auth(eve)), userId: fay.id }
      const begun = site.security.factors.beginTotp({ auth })
      await expect(begun).rejects.toMatchObject({ code: 'session_revoked' })
    })

    it('is anonymous to nobody', async () => {
      const { site } = bench
      for (const [method, path] of changes) {
        const answer = await site.request(method, path)
        expect(verdictOf(answer), path).toBe('401 authentication_required')
      }
    })
  })

  describe('a change', () => {
    it('rule 19: ends the other sessions and the trust of devices, and renews this one', async () => {
      const { kit, site } = bench
      const ann = await kit.someone('anne')
      const other = await kit.signIn(ann.email)
      const { database, devices } = site.security.parts.ground
      const browser = {
        ...{ userId: ann.id, deviceHash: 'a-browser-of-hers', ip: undefined, userAgent: 'ua' },
      }
      const until = site.clock.now() + 60 * minute
      await database.transaction(async (trx) => {
        const { id } = await devices.note(trx, browser)
        await devices.trust(trx, { userId: ann.id, id, origin: {} }, until)
      })
      const trusted = async () =>
        (await devices.list(ann.id)).some(({ trusted_until }) => trusted_until !== null)
      expect(await trusted()).toBe(true)
      const { secret } = await setup(ann)
      const { json } = await enable(ann, kit.code(secret))
      expect([await kit.isAlive(ann), await kit.isAlive(other)]).toEqual([true, false])
      expect(await trusted()).toBe(false)
      expect(json.refreshToken).not.toBe(ann.refreshToken)
      const old = await site.post('/auth/refresh', { refreshToken: ann.refreshToken })
      expect(old.status).toBe(401)
      expect((await kit.renewed(ann, json.refreshToken)).accessToken).toMatch(/^ey/)
    })

    it('is recorded with it', async () => {
      const { kit } = bench
      const ben = await kit.someone('bene')
      const owner = await enrolled(ben)
      await kit.call('POST', '/auth/mfa/totp/disable', owner)
      for (const action of ['factor.enabled', 'factor.disabled']) {
        const rows = await kit.records(action, ben.id)
        expect(rows, action).toMatchObject([{ actor_kind: 'user', actor_id: ben.id }])
        expect(JSON.stringify(rows[0]), action).toContain('totp')
      }
    })

    it('rule 39: that cannot be recorded has not happened', async () => {
      const { kit, site } = bench
      const cid = await kit.someone('cide')
      const { secret } = await setup(cid)
      const { audit } = site.security.parts.ground
      const record = audit.record.bind(audit)
      audit.record = async (trx, event) => {
        if (event.name === 'factor.enabled') throw new Error('the disk is full')
        return record(trx, event)
      }
      expect((await enable(cid, kit.code(secret))).status).toBe(500)
      audit.record = record
      expect(await overview(cid)).toMatchObject({ totp: null, recoveryCodesLeft: 0 })
      expect((await enable(cid, kit.code(secret))).status).toBe(200)
    })

    it('of many at once happens once', async () => {
      const { kit, site } = bench
      const dan = await kit.someone('dane')
      const { secret } = await setup(dan)
      const auth = await kit.auth(dan)
      const code = kit.code(secret)
      const tries = Array.from({ length: 100 }, () =>
        site.security.factors.enableTotp({ auth, origin: {}, code }).then(
          () => 'enabled',
          (error) => error.code,
        ),
      )
      const came = await Promise.all(tries)
      expect(came.filter((one) => one === 'enabled')).toHaveLength(1)
      const rest = new Set(came.filter((one) => one !== 'enabled'))
      for (const code of rest)
        expect(['account_changed', 'step_up_required', 'totp_not_started']).toContain(code)
      expect(await kit.records('factor.enabled', dan.id)).toHaveLength(1)
      expect(await overview(dan)).toMatchObject({ recoveryCodesLeft: 10 })
    }, 60_000)

    it('rule 5: that a change of credentials overtakes has not happened', async () => {
      const { kit, site } = bench
      const eve = await kit.someone('evee')
      const { secret } = await setup(eve)
      const auth = await kit.auth(eve)
      const { database } = site.security.parts.ground
      const transaction = database.transaction.bind(database)
      let isCounted = false
      database.transaction = async (work) => {
        // The first one counts the try; the second is the change.
        if (!isCounted) {
          isCounted = true
          return transaction(work)
        }
        database.transaction = transaction
        await site.security.users.setPassword(eve.id, 'the owner takes it back 44')
        return transaction(work)
      }
      const late = site.security.factors.enableTotp({ auth, origin: {}, code: kit.code(secret) })
      await expect(late).rejects.toMatchObject({ code: 'account_changed' })
      const { totp } = await site.security.factors.overview({ userId: eve.id })
      expect([totp, await kit.isAlive(eve)]).toEqual([null, false])
    })

    it('in a session that was signed out meanwhile has not happened', async () => {
      const { kit, site } = bench
      const fay = await kit.someone('faye')
      const { secret } = await setup(fay)
      const auth = await kit.auth(fay)
      const { database } = site.security.parts.ground
      const transaction = database.transaction.bind(database)
      database.transaction = async (work) => {
        database.transaction = transaction
        await kit.call('POST', '/auth/logout', fay, {})
        return transaction(work)
      }
      const late = site.security.factors.enableTotp({ auth, origin: {}, code: kit.code(secret) })
      await expect(late).rejects.toMatchObject({ code: 'session_revoked' })
      expect((await site.security.factors.overview({ userId: fay.id })).totp).toBe(null)
    })
  })
})
