import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SoftwareAuthenticator } from '../passkeys/authenticator.ts'
import { describeEngines, freshDatabase } from '../services/fresh-database.ts'
import { type FactorKit, factorKit, type Member, verdictOf } from './factor-kit.ts'
import { openSite, type Site } from './identity-kit.ts'

const pageOrigin = 'http://localhost:3000'

describeEngines('passkeys of their owner', (engine) => {
  let site: Site
  let kit: FactorKit
  let drop = async () => {}
  beforeAll(async () => {
    const fresh = await freshDatabase(engine)
    drop = fresh.drop
    site = await openSite({ database: fresh.url, captcha: { provider: 'none' } })
    kit = factorKit(site)
  })
  afterAll(async () => {
    await site?.close()
    await drop()
  })

  const options = async (who: Member) =>
    (await kit.call('POST', '/auth/passkeys/options', who)).json.options
  const register = (who: Member, response: unknown, name?: string) =>
    kit.call('POST', '/auth/passkeys', who, { response, ...(name === undefined ? {} : { name }) })
  const list = async (who: Member) => (await kit.call('GET', '/auth/passkeys', who)).json.passkeys
  const remove = (who: Member, id: string) => kit.call('DELETE', `/auth/passkeys/${id}`, who)

  /** An account that added a first passkey, as its owner goes on. */
  async function withPasskey(name: string) {
    const who = await kit.someone(name)
    const authenticator = new SoftwareAuthenticator()
    const response = authenticator.create(await options(who), pageOrigin)
    const added = await register(who, response, 'My phone')
    if (added.status !== 201) throw new Error(added.text)
    return { who, authenticator, response, added }
  }

  /** A session that has proven a second factor. */
  async function raised(who: Member, refreshToken: string) {
    const { database, revocations } = site.security.parts.ground
    const { sessions } = site.security.parts.rooms
    await database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'user', id: who.id })
      await sessions.noteProof(trx, who.sessionId, { factors: ['passkey'] })
    })
    return kit.renewed(who, refreshToken)
  }

  it('are added, named, listed and taken away; the first comes with recovery codes', async () => {
    const { added, authenticator, who } = await withPasskey('ann')
    const { passkey, recoveryCodes, refreshToken } = added.json
    expect(passkey).toMatchObject({ name: 'My phone', lastUsedAt: null, backedUp: false })
    expect(recoveryCodes).toHaveLength(10)
    expect(await list(who)).toEqual([passkey])
    const path = `/auth/passkeys/${passkey.id}`
    const owner = await raised(who, refreshToken)
    const renamed = await kit.call('PATCH', path, owner, { name: 'Yubi <b>' })
    expect(renamed).toMatchObject({ status: 200, json: { id: passkey.id, name: 'Yubi <b>' } })
    const again = await options(owner)
    expect(() => authenticator.create(again, pageOrigin)).toThrow('InvalidStateError')
    const second = await register(owner, new SoftwareAuthenticator().create(again, pageOrigin))
    expect([second.status, second.json.recoveryCodes]).toEqual([201, undefined])
    expect(await list(owner)).toHaveLength(2)
    // Each change replaces the secret: whoever shows a token of before is to refresh it first.
    expect(verdictOf(await remove(owner, passkey.id))).toBe('401 token_expired')
    const later = await kit.renewed(owner, second.json.refreshToken)
    const removed = await remove(later, passkey.id)
    expect(removed.status).toBe(200)
    const last = await kit.renewed(later, removed.json.refreshToken)
    expect((await remove(last, second.json.passkey.id)).status).toBe(200)
    const { json } = await kit.call('GET', '/auth/mfa', owner)
    expect(json).toMatchObject({ passkeys: [], recoveryCodesLeft: 0 })
    expect(await kit.records('factor.enabled', who.id)).toHaveLength(2)
    expect(await kit.records('factor.disabled', who.id)).toHaveLength(2)
  })

  it('rule 5: once there is one, a password alone neither adds, names nor removes', async () => {
    const { added, who } = await withPasskey('ben')
    // As a trusted browser signs in.
    const { database, revocations } = site.security.parts.ground
    await database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'user', id: who.id })
      const proven = { level: 1, factors: '["pwd"]' } as const
      await trx.updateTable('hf_sessions').set(proven).where('id', '=', who.sessionId).execute()
    })
    const level1 = await kit.renewed(who, added.json.refreshToken)
    expect(verdictOf(await kit.call('POST', '/auth/passkeys/options', level1))).toBe(
      '401 step_up_required',
    )
    expect(verdictOf(await remove(level1, added.json.passkey.id))).toBe('401 step_up_required')
    const path = `/auth/passkeys/${added.json.passkey.id}`
    const renamed = await kit.call('PATCH', path, level1, { name: 'Old phone' })
    expect(verdictOf(renamed)).toBe('401 step_up_required')
    const about = { auth: await kit.auth(level1), origin: {}, id: added.json.passkey.id }
    const named = { ...about, name: 'Old phone' }
    await expect(site.security.factors.renamePasskey(named)).rejects.toMatchObject({
      code: 'step_up_required',
    })
    expect(await list(level1)).toMatchObject([{ name: added.json.passkey.name }])
    expect(verdictOf(await kit.call('POST', '/auth/mfa/totp/setup', level1))).toBe(
      '401 step_up_required',
    )
    expect(await list(level1)).toHaveLength(1)
  })

  it('counts in the session that adds it, as one that is added at sign-in does', async () => {
    const { added, who } = await withPasskey('lea')
    const renewed = await kit.renewed(who, added.json.refreshToken)
    expect((await site.get('/auth/me', { ...renewed.bearer })).json.level).toBe(2)
  })

  it('rule 39: a new name is recorded, without the names', async () => {
    const { added, who } = await withPasskey('bob')
    const { passkey, refreshToken } = added.json
    const owner = await raised(who, refreshToken)
    const path = `/auth/passkeys/${passkey.id}`
    expect((await kit.call('PATCH', path, owner, { name: 'Old phone' })).status).toBe(200)
    const records = await kit.records('passkey.renamed', passkey.id)
    expect(records).toMatchObject([{ actor_id: who.id, outcome: 'success' }])
    expect(JSON.stringify(records)).not.toMatch(/phone/)
  })

  it('that are no answer to our request are refused alike, and add nothing', async () => {
    const who = await kit.someone('cid')
    const honest = new SoftwareAuthenticator()
    const wrong = [
      honest.create(await options(who), 'https://evil.example'),
      honest.create(await options(who), pageOrigin, { rpId: 'evil.example' }),
      honest.create(await options(who), pageOrigin, { challenge: 'x'.repeat(43) }),
      honest.create(await options(who), pageOrigin, { type: 'webauthn.get' }),
      honest.create(await options(who), pageOrigin, { userVerified: false }),
      honest.create(await options(who), pageOrigin, {
        attestationObject: (bytes) => bytes.subarray(0, 40),
      }),
      ...[{}, { id: 1 }, { id: 'a', rawId: 'a', type: 'public-key', response: {} }],
    ]
    for (const response of wrong) {
      expect(verdictOf(await register(who, response))).toBe('400 passkey_rejected')
    }
    const { json } = await kit.call('GET', '/auth/mfa', who)
    expect(json).toMatchObject({ passkeys: [], recoveryCodesLeft: 0 })
  })

  it('rule 3: are added once by one challenge, in the browser and account it was made for', async () => {
    const [dan, eve] = [await kit.someone('dan'), await kit.someone('eve')]
    const response = new SoftwareAuthenticator().create(await options(dan), pageOrigin)
    expect(verdictOf(await register(eve, response))).toBe('400 passkey_rejected')
    const foreign = { ...dan, bearer: { ...dan.bearer, 'user-agent': 'another client' } }
    const fresh = new SoftwareAuthenticator().create(await options(dan), pageOrigin)
    expect(verdictOf(await register(foreign, fresh))).toBe('400 passkey_rejected')
    const { added, response: used, who } = await withPasskey('fay')
    const owner = await raised(who, added.json.refreshToken)
    expect(verdictOf(await register(owner, used))).toBe('400 passkey_rejected')
    expect(await list(owner)).toHaveLength(1)
  })

  it('of others are not there', async () => {
    const { added } = await withPasskey('gus')
    const other = await kit.someone('hal')
    const { id } = added.json.passkey
    expect(verdictOf(await remove(other, id))).toBe('404 passkey_not_found')
    const named = await kit.call('PATCH', `/auth/passkeys/${id}`, other, { name: 'mine' })
    expect(verdictOf(named)).toBe('404 passkey_not_found')
  })

  it('are at most twenty', async () => {
    const { added, who } = await withPasskey('ida')
    const owner = await raised(who, added.json.refreshToken)
    const asked = await options(owner)
    const { database } = site.security.parts.ground
    await database.transaction(async (trx) => {
      await trx.updateTable('hf_users').set({ passkeys: 20 }).where('id', '=', who.id).execute()
    })
    expect(verdictOf(await kit.call('POST', '/auth/passkeys/options', owner))).toBe(
      '409 too_many_passkeys',
    )
    const response = new SoftwareAuthenticator().create(asked, pageOrigin)
    expect(verdictOf(await register(owner, response))).toBe('409 too_many_passkeys')
  })

  describe('in a browser', () => {
    it('are bound to its flow cookie, which the options set', async () => {
      const jo = await kit.someone('jo')
      const inBrowser = { ...jo, bearer: { ...jo.bearer, 'sec-fetch-site': 'same-origin' } }
      const asked = await kit.call('POST', '/auth/passkeys/options', inBrowser)
      const [cookie = ''] = asked.headers.getSetCookie()
      expect(cookie).toMatch(/hf_flow=[\w-]{43};.*HttpOnly/)
      const response = new SoftwareAuthenticator().create(asked.json.options, pageOrigin)
      expect(verdictOf(await register(inBrowser, response))).toBe('400 passkey_rejected')
      const [pair = ''] = cookie.split(';')
      const known = { ...inBrowser, bearer: { ...inBrowser.bearer, cookie: pair } }
      const again = await kit.call('POST', '/auth/passkeys/options', known)
      expect(again.headers.getSetCookie().join()).toContain(pair)
      const anew = new SoftwareAuthenticator().create(again.json.options, pageOrigin)
      expect((await register(known, anew)).status).toBe(201)
    })
  })
})
