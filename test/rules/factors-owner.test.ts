import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeEngines, freshDatabase } from '../services/fresh-database.ts'
import { type FactorKit, factorKit, type Member, verdictOf } from './factor-kit.ts'
import { openSite, type Site } from './identity-kit.ts'

const minute = 60_000

describeEngines('second factors of their owner', (engine) => {
  let site: Site
  let kit: FactorKit
  let drop = async () => {}
  beforeAll(async () => {
    const fresh = await freshDatabase(engine)
    drop = fresh.drop
    const options = { captcha: { provider: 'none' }, mfa: { trustedDevices: '30d' } } as const
    site = await openSite({ database: fresh.url, ...options })
    kit = factorKit(site)
  })
  afterAll(async () => {
    await site?.close()
    await drop()
  })

  const setup = async (who: Member) => (await kit.call('POST', '/auth/mfa/totp/setup', who)).json
  const enable = (who: Member, code: string) =>
    kit.call('POST', '/auth/mfa/totp/enable', who, { code })
  const overview = async (who: Member) => (await kit.call('GET', '/auth/mfa', who)).json
  const refused = async (answer: ReturnType<FactorKit['call']>) => verdictOf(await answer)

  describe('an authenticator app', () => {
    it('is in use from its first code on, with ten recovery codes', async () => {
      const ann = await kit.someone('ann')
      expect(await overview(ann)).toEqual({
        ...{ totp: null, recoveryCodesLeft: 0, passkeys: [], requiredLevel: 1, dueAt: null },
      })
      const { manualEntry, otpauthUrl, qrCode, qrSvg, secret } = await setup(ann)
      expect(manualEntry.replaceAll(' ', '')).toBe(secret)
      expect(otpauthUrl).toContain(`secret=${secret}`)
      expect(qrCode).toMatch(/^data:image\/svg\+xml/)
      expect(qrSvg).toMatch(/^<svg/)
      const { headers, json, status } = await enable(ann, kit.code(secret))
      expect([status, json.success, headers.get('cache-control')]).toEqual([200, true, 'no-store'])
      expect(new Set(json.recoveryCodes).size).toBe(10)
      const since = site.clock.now()
      expect(await overview(ann)).toMatchObject({ totp: { since }, recoveryCodesLeft: 10 })
      expect(await kit.spends(ann, json.recoveryCodes[0])).toBe(true)
      expect(await overview(ann)).toMatchObject({ recoveryCodesLeft: 9 })
    })

    it('answers under the short names as well', async () => {
      const abe = await kit.someone('abe')
      const { json } = await kit.call('POST', '/auth/mfa/setup', abe)
      const enabled = await kit.call('POST', '/auth/mfa/enable', abe, {
        code: kit.code(json.secret),
      })
      expect(enabled).toMatchObject({ status: 200, json: { success: true } })
    })

    it('set up twice takes the code of the second secret alone', async () => {
      const ben = await kit.someone('ben')
      const first = await setup(ben)
      const second = await setup(ben)
      expect(second.secret).not.toBe(first.secret)
      expect(await refused(enable(ben, kit.code(first.secret)))).toBe('401 factor_rejected')
      expect((await enable(ben, kit.code(second.secret))).status).toBe(200)
    })

    it('that is no code, or a wrong one, changes nothing', async () => {
      const cid = await kit.someone('cid')
      expect(await refused(enable(cid, '123456'))).toBe('409 totp_not_started')
      const { secret } = await setup(cid)
      const right = kit.code(secret)
      const malformed = ['', ' ', '12345', '1234567', 'abcdef', '١٢٣٤٥٦', '１２３４５６']
      for (const code of [...malformed, kit.code(secret, 3), 'x'.repeat(5_000)]) {
        expect(await refused(enable(cid, code)), code.slice(0, 9)).toBe('401 factor_rejected')
      }
      expect(await overview(cid)).toMatchObject({ totp: null, recoveryCodesLeft: 0 })
      expect(await kit.records('factor.enabled', cid.id)).toEqual([])
      expect((await enable(cid, right)).status).toBe(200)
    })

    it('rule 14: spends the code that confirmed it', async () => {
      const dan = await kit.someone('dan')
      const { secret } = await kit.enrol(dan)
      expect(await kit.spends(dan, kit.code(secret))).toBe(false)
      await site.advance(minute)
      expect(await kit.spends(dan, kit.code(secret))).toBe(true)
    })

    it('rule 5: a new setup leaves the one in use as it is, until its own first code', async () => {
      const { codes, owner: eve, secret } = await kit.enrol(await kit.someone('eve'))
      await site.advance(minute)
      const next = await setup(eve)
      expect(await kit.spends(eve, kit.code(next.secret))).toBe(false)
      expect(await kit.spends(eve, kit.code(secret))).toBe(true)
      const replaced = await enable(eve, kit.code(next.secret))
      // Codes of before are left, so there are no new ones.
      expect([replaced.status, replaced.json.recoveryCodes]).toEqual([200, undefined])
      await site.advance(minute)
      expect(await kit.spends(eve, kit.code(secret))).toBe(false)
      expect(await kit.spends(eve, kit.code(next.secret))).toBe(true)
      expect(await kit.spends(eve, codes[0] ?? '')).toBe(true)
    })

    it('raises the session that it was set up in, and no copy of its token', async () => {
      const fay = await kit.someone('fay')
      const { json } = await kit.call('POST', '/auth/mfa/totp/setup', fay)
      const { refreshToken } = (await enable(fay, kit.code(json.secret))).json
      expect((await kit.call('GET', '/auth/me', fay)).json.level).toBe(1)
      const owner = await kit.renewed(fay, refreshToken)
      expect((await kit.call('GET', '/auth/me', owner)).json.level).toBe(2)
    })

    it('answers tokens with which the same client goes on to the next change', async () => {
      let ida = await kit.someone('ida')
      const { json } = await kit.call('POST', '/auth/mfa/totp/setup', ida)
      const goOn = async (path: string, body?: unknown) => {
        const { json: given, status, text } = await kit.call('POST', path, ida, body)
        expect([status, typeof given.refreshToken, given.expiresIn], text).toEqual([
          ...[200, 'string', 900],
        ])
        const bearer = { authorization: `Bearer ${given.accessToken}` }
        ida = { ...ida, refreshToken: given.refreshToken, bearer }
      }
      await goOn('/auth/mfa/totp/enable', { code: kit.code(json.secret) })
      expect((await kit.call('GET', '/auth/me', ida)).json.level).toBe(2)
      await goOn('/auth/mfa/recovery-codes')
      await goOn('/auth/mfa/totp/disable')
      expect((await kit.renewed(ida)).sessionId).toBe(ida.sessionId)
    })

    it('is taken away with its recovery codes', async () => {
      const gus = await kit.someone('gus')
      const disable = (who: Member) => kit.call('POST', '/auth/mfa/totp/disable', who)
      expect(await refused(disable(gus))).toBe('409 totp_not_enabled')
      const owner = await enrolled(gus)
      expect(await disable(owner)).toMatchObject({ status: 200, json: { status: 'done' } })
      expect(await overview(owner)).toMatchObject({ totp: null, recoveryCodesLeft: 0 })
    })
  })

  const enrolled = async (who: Member) => (await kit.enrol(who)).owner

  describe('recovery codes', () => {
    it('are made anew, and those of before are dead', async () => {
      const ann = await kit.someone('anna')
      const anew = (who: Member) => kit.call('POST', '/auth/mfa/recovery-codes', who)
      expect(await refused(anew(ann))).toBe('409 factor_missing')
      const { secret } = await setup(ann)
      const first = (await enable(ann, kit.code(secret))).json
      const owner = await kit.renewed(ann, first.refreshToken)
      const second = await anew(owner)
      expect(second.headers.get('cache-control')).toBe('no-store')
      expect(second.json.recoveryCodes).toHaveLength(10)
      expect(await kit.spends(ann, first.recoveryCodes[0])).toBe(false)
      expect(await kit.spends(ann, second.json.recoveryCodes[0])).toBe(true)
      expect(await kit.records('factor.codes_renewed', ann.id)).toHaveLength(1)
    })
  })

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
      const [eve, fay] = [await kit.someone('evea'), await kit.someone('faya')]
      const auth = { ...(await kit.auth(eve)), userId: fay.id }
      const begun = site.security.factors.beginTotp({ auth })
      await expect(begun).rejects.toMatchObject({ code: 'session_revoked' })
    })

    it('is anonymous to nobody', async () => {
      for (const [method, path] of changes) {
        const answer = await site.request(method, path)
        expect(verdictOf(answer), path).toBe('401 authentication_required')
      }
    })
  })

  describe('a change', () => {
    it('rule 19: ends the other sessions and the trust of devices, and renews this one', async () => {
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
      const eve = await kit.someone('evee')
      const { secret } = await setup(eve)
      const auth = await kit.auth(eve)
      const { database } = site.security.parts.ground
      const transaction = database.transaction.bind(database)
      database.transaction = async (work) => {
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
