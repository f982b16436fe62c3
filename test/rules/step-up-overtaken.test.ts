import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { cheapHashes } from './guessing-kit.ts'
import { goodPassword, openSite, type Site } from './identity-kit.ts'
import {
  freshCode,
  makePerson,
  makeTotpPerson,
  outcome,
  type TotpPerson,
  visitor,
} from './second-factor-kit.ts'

const newPassword = 'another horse battery staple 42'
const change = { currentPassword: goodPassword, password: newPassword }

/** What a native client holds of one session. */
interface Held {
  readonly bearer: Readonly<Record<string, string>>
  readonly refreshToken: string
}

describeEngines('rule 5: a session that has two holders', (engine) => {
  let fresh: FreshDatabase
  let site: Site
  let people = 0
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    site = await openSite({ database: fresh.url, captcha: 'none' })
    cheapHashes(site)
  })
  afterAll(async () => {
    await site?.close()
    await fresh?.drop()
  })

  const heldBy = ({ json }: { readonly json: Record<string, string> }): Held => ({
    bearer: { authorization: `Bearer ${json.accessToken}` },
    refreshToken: String(json.refreshToken),
  })
  const native = (mfaCode?: string) =>
    mfaCode === undefined ? { transport: 'body' } : { transport: 'body', mfaCode }
  async function plain(): Promise<Held> {
    const email = `plain${++people}@example.com`
    await makePerson(site, email)
    return heldBy(await visitor(site, '192.0.2.1', {}).login(email, native()))
  }
  async function withApp(): Promise<{ person: TotpPerson; held: Held }> {
    const person = await makeTotpPerson(site, `app${++people}@example.com`)
    const login = native(await freshCode(site, person))
    return { person, held: heldBy(await visitor(site, '192.0.2.1', {}).login(person.email, login)) }
  }
  const post = (path: string, body: object, { bearer }: Pick<Held, 'bearer'>) =>
    site.post(path, body, bearer)
  const changePassword = async (owner: Held) => {
    const changed = await post('/auth/password/change', change, owner)
    expect(changed.status, changed.text).toBe(200)
    return String(changed.json.refreshToken)
  }
  /** The session is still the owner's: its secret gives what all goes on with. */
  const refreshed = async (refreshToken: string) => {
    const answer = await site.post('/auth/refresh', { refreshToken })
    expect(answer.status, answer.text).toBe(200)
    return heldBy(answer)
  }
  /** Does `work` once, right after a try was counted and before anything is spent. */
  const whileProving = <T>(work: () => Promise<T>): Promise<T> => {
    const { factors } = site.security.parts.rooms
    const reserve = factors.reserve.bind(factors)
    const done = Promise.withResolvers<T>()
    factors.reserve = async (...given) => {
      factors.reserve = reserve
      const guess = await reserve(...given)
      await work().then(done.resolve, done.reject)
      return guess
    }
    return done.promise
  }

  describe('a step-up that a change of the password overtakes raises nothing', () => {
    it('by the password of before', async () => {
      const owner = await plain()
      const { hasher } = site.security.parts.ground
      const { verify } = hasher
      const changed = Promise.withResolvers<string>()
      hasher.verify = async (stored, password) => {
        hasher.verify = verify
        const verdict = await verify(stored, password)
        await changePassword(owner).then(changed.resolve, changed.reject)
        return verdict
      }
      const thief = await post('/auth/step-up', { currentPassword: goodPassword }, owner)
      expect(outcome(thief)).toBe('409 account_changed')
      await refreshed(await changed.promise)
    })

    it('by a code, which is not spent', async () => {
      const { held, person } = await withApp()
      const proof = { method: 'totp', code: await freshCode(site, person) }
      const changed = whileProving(() => changePassword(held))
      expect(outcome(await post('/auth/step-up', proof, held))).toBe('409 account_changed')
      const owner = await refreshed(await changed)
      expect(outcome(await post('/auth/step-up', proof, owner))).toBe('stepped_up')
    })
  })

  it('of two step-ups with one access token at once, one gets the new secret', async () => {
    const { held, person } = await withApp()
    const proof = { method: 'totp', code: await freshCode(site, person) }
    const other = { method: 'recovery_code', code: person.recoveryCodes[0] }
    const won = whileProving(() => post('/auth/step-up', other, held))
    expect(outcome(await post('/auth/step-up', proof, held))).toBe('401 token_expired')
    const { json } = await won
    expect(json).toMatchObject({ status: 'stepped_up', level: 2 })
    const owner = await refreshed(json.refreshToken)
    expect(outcome(await post('/auth/step-up', proof, owner))).toBe('stepped_up')
  })

  describe('a copy of an access token from before the secret was replaced gets no secret', () => {
    it('for a code on top of it, which is not spent', async () => {
      const { held: copy, person } = await withApp()
      const secret = await changePassword(copy)
      const proof = { method: 'totp', code: await freshCode(site, person) }
      expect((await site.get('/auth/me', copy.bearer)).status).toBe(200)
      expect(outcome(await post('/auth/step-up', proof, copy))).toBe('401 token_expired')
      const owner = await refreshed(secret)
      expect(outcome(await post('/auth/step-up', proof, owner))).toBe('stepped_up')
    })

    it('for the password on top of it', async () => {
      const copy = await plain()
      const proof = { currentPassword: goodPassword }
      const { json } = await post('/auth/step-up', proof, copy)
      expect(outcome(await post('/auth/step-up', proof, copy))).toBe('401 token_expired')
      const changed = await post('/auth/password/change', change, copy)
      expect(outcome(changed)).toBe('401 token_expired')
      await refreshed(json.refreshToken)
    })

    it('for a change of second factors, however new the proof was that it was made with', async () => {
      const { held: copy } = await withApp()
      const secret = await changePassword(copy)
      for (const path of ['recovery-codes', 'totp/disable', 'totp/setup']) {
        expect(outcome(await post(`/auth/mfa/${path}`, {}, copy)), path).toBe('401 token_expired')
      }
      const owner = await refreshed(secret)
      expect((await post('/auth/mfa/recovery-codes', {}, owner)).status).toBe(200)
    })
  })
})
