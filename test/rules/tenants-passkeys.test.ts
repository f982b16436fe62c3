import { afterAll, beforeAll, expect, test } from 'vitest'
import { SoftwareAuthenticator } from '../passkeys/authenticator.ts'
import { goodPassword } from './identity-kit.ts'
import { bearerOf, makePerson, outcome, recordsOf, visitor } from './second-factor-kit.ts'
import { openTenants, type TenantSite } from './tenants-kit.ts'

const origin = 'http://localhost:3000'
let site: TenantSite
/** Passkeys of one address in three places: each is another account. */
const keys = new Map<string | undefined, { id: string; key: SoftwareAuthenticator }>()

const named = (organisation: string | undefined): Record<string, string> =>
  organisation === undefined ? {} : { 'x-organisation': organisation }

/** The bearer of a session by password. */
async function bearerIn(organisation: string | undefined, email: string) {
  if (organisation === undefined) return bearerOf(site, email)
  const browser = visitor(site, '192.0.2.77', named(organisation))
  const { json } = await browser.login(email, { transport: 'body' })
  return { ...named(organisation), authorization: `Bearer ${json.accessToken}` }
}

async function register(organisation: string | undefined, email: string, id: string) {
  const key = new SoftwareAuthenticator()
  const own = visitor(site, '192.0.2.77', await bearerIn(organisation, email))
  const { options } = (await own.post('/auth/passkeys/options')).json
  const made = await own.post('/auth/passkeys', { response: key.create(options, origin) })
  if (made.status !== 201) throw new Error(made.text)
  keys.set(organisation, { id, key })
}

beforeAll(async () => {
  site = await openTenants({
    organisations: { from: 'header', tenancy: 'isolated' },
    captcha: { provider: 'none' },
  })
  const email = 'nora@example.com'
  for (const organisation of ['acme', 'other']) {
    await site.organisation(organisation)
    const account = { email, password: goodPassword, organisation }
    await register(organisation, email, (await site.security.users.create(account)).id)
  }
  await register(undefined, email, await makePerson(site, email))
})
afterAll(() => site.close())

/** A sign-in with the passkey of one place, in another. */
async function signIn(of: string | undefined, at: string | undefined) {
  const { key } = keys.get(of) ?? {}
  const browser = visitor(site, '192.0.2.78', {
    ...{ origin, 'sec-fetch-site': 'same-origin' },
    ...named(at),
  })
  const { options } = (await browser.post('/auth/login/passkey/options')).json
  return browser.post('/auth/login/passkey', { response: key?.get(options, origin) })
}

test.each(['acme', 'other', undefined])(
  'rule 7: a passkey of an account in %s signs in there, and nowhere else',
  async (place) => {
    for (const elsewhere of ['acme', 'other', undefined, 'none']) {
      if (elsewhere === place) continue
      const told = await signIn(place, elsewhere)
      expect(outcome(told), String(elsewhere)).toBe('401 invalid_credentials')
      expect(told.headers.getSetCookie().join()).not.toMatch(/session|access|refresh/i)
    }
    const told = await signIn(place, place)
    expect(outcome(told)).toBe('signed_in')
    expect(told.json.user.id).toBe(keys.get(place)?.id)
  },
)

test('rule 7: such a try counts against nobody: no session, no use of the passkey, no alarm', async () => {
  const { reader } = site.security.parts.ground.database
  const state = async () => ({
    sessions: await reader.selectFrom('hf_sessions').select('id').orderBy('id').execute(),
    passkeys: await reader
      .selectFrom('hf_passkeys')
      .select(['id', 'counter', 'last_used_at'])
      .orderBy('id')
      .execute(),
    clones: (await recordsOf(site, 'passkey.cloned')).length,
  })
  const before = await state()
  expect(before.passkeys).toHaveLength(3)
  expect(outcome(await signIn('acme', 'other'))).toBe('401 invalid_credentials')
  expect(await state()).toEqual(before)
})
