import { describe, expect, it } from 'vitest'
import { describeEngines } from '../services/fresh-database.ts'
import type { Member } from './factor-kit.ts'
import { minute, openOwnerBench } from './owner-bench.ts'

describeEngines('second factors of their owner', (engine) => {
  const bench = openOwnerBench(engine)
  const { enable, enrolled, overview, refused, setup } = bench

  describe('an authenticator app', () => {
    it('is in use from its first code on, with ten recovery codes', async () => {
      const { kit, site } = bench
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
      const { kit } = bench
      const abe = await kit.someone('abe')
      const { json } = await kit.call('POST', '/auth/mfa/setup', abe)
      const enabled = await kit.call('POST', '/auth/mfa/enable', abe, {
        code: kit.code(json.secret),
      })
      expect(enabled).toMatchObject({ status: 200, json: { success: true } })
    })

    it('set up twice takes the code of the second secret alone', async () => {
      const { kit } = bench
      const ben = await kit.someone('ben')
      const first = await setup(ben)
      const second = await setup(ben)
      expect(second.secret).not.toBe(first.secret)
      expect(await refused(enable(ben, kit.code(first.secret)))).toBe('401 factor_rejected')
      expect((await enable(ben, kit.code(second.secret))).status).toBe(200)
    })

    it('that is no code, or a wrong one, changes nothing', async () => {
      const { kit } = bench
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
      const { kit, site } = bench
      const dan = await kit.someone('dan')
      const { secret } = await kit.enrol(dan)
      expect(await kit.spends(dan, kit.code(secret))).toBe(false)
      await site.advance(minute)
      expect(await kit.spends(dan, kit.code(secret))).toBe(true)
    })

    it('rule 5: a new setup leaves the one in use as it is, until its own first code', async () => {
      const { kit, site } = bench
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
      const { kit } = bench
      const fay = await kit.someone('fay')
      const { json } = await kit.call('POST', '/auth/mfa/totp/setup', fay)
      const { refreshToken } = (await enable(fay, kit.code(json.secret))).json
      expect((await kit.call('GET', '/auth/me', fay)).json.level).toBe(1)
      const owner = await kit.renewed(fay, refreshToken)
      expect((await kit.call('GET', '/auth/me', owner)).json.level).toBe(2)
    })

    it('answers tokens with which the same client goes on to the next change', async () => {
      const { kit } = bench
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
      const { kit } = bench
      const gus = await kit.someone('gus')
      const disable = (who: Member) => kit.call('POST', '/auth/mfa/totp/disable', who)
      expect(await refused(disable(gus))).toBe('409 totp_not_enabled')
      const owner = await enrolled(gus)
      expect(await disable(owner)).toMatchObject({ status: 200, json: { status: 'done' } })
      expect(await overview(owner)).toMatchObject({ totp: null, recoveryCodesLeft: 0 })
    })
  })

  describe('recovery codes', () => {
    it('are made anew, and those of before are dead', async () => {
      const { kit } = bench
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
})
