import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FrontEnd, frontEnd } from './front-end-kit.ts'
import { SoftwareAuthenticator } from './passkeys/authenticator.ts'
import { goodPassword, openSite, type Site } from './rules/identity-kit.ts'
import { codeAt, freshCode, makePerson, stepMs } from './rules/second-factor-kit.ts'

const page = 'http://localhost:3000'
const within = 60_000

let site: Site
beforeAll(async () => {
  const stepUp = { within: '1m' } as const
  site = await openSite({
    captcha: 'none',
    stepUp,
    sessions: { cookie: { idle: '2h' }, session: { idle: '2h' } },
  })
})
afterAll(() => site.close())

const transports = ['cookie', 'session', 'body'] as const
const exported = (app: FrontEnd) => () => app.api('/auth/account/export')

/** Signed in by the password, with the guide's code, as whatever stands in `shown` answers. */
async function open(name: string, transport: string) {
  const shown: string[][] = []
  const calls: string[] = []
  const key = new SoftwareAuthenticator()
  const state = { method: 'password', typed: goodPassword }
  const app = frontEnd({
    ...{ base: site.base, native: transport === 'body', key },
    onCall: (path) => calls.push(path),
    showProofForm: async (ways) => {
      shown.push([...ways])
      return { ...state }
    },
  })
  const email = `${name}-${transport}@example.com`
  await makePerson(site, email)
  const body = { email, password: goodPassword, transport }
  const signedIn = await app.send('/auth/login', { method: 'POST', body })
  app.keep(await signedIn.json())
  return { app, calls, key, shown, state }
}

/** The same with an authenticator app and a passkey, set up with the guide's code. */
async function openEnrolled(name: string, transport: string) {
  const one = await open(name, transport)
  const post = async (path: string, body?: object) => {
    const answer = await one.app.send(path, { method: 'POST', body })
    const json = await answer.json()
    expect(answer.ok, JSON.stringify(json)).toBe(true)
    one.app.keep(json)
    return json
  }
  const { secret } = await post('/auth/mfa/totp/setup')
  const code = codeAt(secret, site.clock.now())
  const { recoveryCodes } = await post('/auth/mfa/totp/enable', { code })
  const { options } = await post('/auth/passkeys/options')
  await post('/auth/passkeys', { response: one.key.create(options, page) })
  return { ...one, secret, recoveryCodes: recoveryCodes as string[] }
}

describe.each(transports)('the front end of the guide, with transport %s', (transport) => {
  it('proves the password of somebody who has no second factor', async () => {
    const { app, shown, state } = await open('ann', transport)
    await site.advance(within + 1_000)
    expect((await app.withProof(exported(app), app.askForProof)).status).toBe(200)
    expect(shown).toEqual([['password']])
    await site.advance(within + 1_000)
    state.typed = 'wrong'
    const refused = await app.withProof(exported(app), app.askForProof)
    expect([refused.status, (await refused.json()).code]).toEqual([401, 'password_wrong'])
  })

  it('sets factors up one after the other, and proves each of them', async () => {
    const { app, recoveryCodes, secret, shown, state } = await openEnrolled('ben', transport)
    for (const method of ['totp', 'passkey', 'recovery_code']) {
      await site.advance(within + stepMs)
      const typed = method === 'totp' ? await freshCode(site, { secret }) : recoveryCodes[0]
      Object.assign(state, { method, typed })
      const answer = await app.withProof(exported(app), app.askForProof)
      expect(answer.status, method).toBe(200)
    }
    expect(shown[0]?.sort()).toEqual(['passkey', 'recovery_code', 'totp'])
  })

  it('sends a wrong code once, and asks once for requests at the same time', async () => {
    const { app, calls, secret, shown, state } = await openEnrolled('cid', transport)
    await site.advance(within + stepMs)
    Object.assign(state, { method: 'totp', typed: '' })
    const wrong = await app.withProof(exported(app), app.askForProof)
    expect((await wrong.json()).code).toBe('factor_rejected')
    expect(calls.filter((path) => path === '/auth/step-up')).toHaveLength(1)
    state.typed = await freshCode(site, { secret })
    const many = Array.from({ length: 5 }, () => app.withProof(exported(app), app.askForProof))
    expect((await Promise.all(many)).map(({ status }) => status)).toEqual(Array(5).fill(200))
    expect(shown).toHaveLength(2)
    expect((await app.api('/auth/me')).status).toBe(200)
  })
})

it.each(['cookie', 'body'])(
  'an old token is refreshed first, by one request (%s)',
  async (transport) => {
    const { app, calls } = await open('dan', transport)
    await site.advance(20 * 60_000)
    const many = Array.from({ length: 3 }, () => app.api('/auth/me'))
    expect((await Promise.all(many)).map(({ status }) => status)).toEqual([200, 200, 200])
    expect(calls.filter((path) => path === '/auth/refresh')).toHaveLength(1)
  },
)
