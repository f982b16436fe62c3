import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { goodPassword } from './identity-kit.ts'
import { looks, openTenants, type TenantSite } from './tenants-kit.ts'

const otherPassword = 'quite another battery staple 43'
let site: TenantSite
let people = 0

beforeAll(async () => {
  site = await openTenants({
    organisations: { from: 'header', tenancy: 'isolated' },
    captcha: { provider: 'none' },
    limits: { mailClient: { points: 1_000 } },
  })
  for (const slug of ['acme', 'other']) await site.organisation(slug)
})
afterAll(() => site.close())

const named = (organisation: string | undefined) =>
  organisation === undefined ? {} : { 'x-organisation': organisation }
const post = (path: string, body: unknown, organisation?: string, more: object = {}) =>
  site.ask(path, { method: 'POST', body, headers: { ...named(organisation), ...more } })
const unknown = 'A'.repeat(43)

/** The token of the newest mailed link to a page. */
async function linkTo(page: string, email: string): Promise<string> {
  await site.deliverMail()
  const found = site.mailbox
    .list(email)
    .flatMap(({ text }) => new RegExp(`/${page}\\?token=([\\w-]+)`).exec(text)?.[1] ?? [])
  return found.at(-1) ?? 'no such mail'
}

interface Person {
  readonly email: string
  readonly at: string | undefined
  readonly bearer: object
}

/** Somebody in an organisation or in none, signed in. */
async function somebody(at: string | undefined): Promise<Person> {
  const email = `person${++people}@example.com`
  const organisation = at === undefined ? {} : { organisation: at }
  await site.security.users.create({ email, password: goodPassword, ...organisation })
  const asked = { identifier: email, password: goodPassword, transport: 'body' }
  const { json } = await post('/auth/login', asked, at)
  return { email, at, bearer: { authorization: `Bearer ${json.accessToken}` } }
}

async function changeEmail({ at, bearer }: Person): Promise<string> {
  const email = `changed${++people}@example.com`
  const body = { currentPassword: goodPassword, email }
  expect((await post('/auth/email/change', body, at, bearer)).status).toBe(202)
  return email
}

interface Kind {
  /** Where its page stands. */
  readonly page: string
  /** How it is used. */
  readonly use: (token: string) => readonly [path: string, body: object]
  /** How it comes about in an organisation or in none; whom it is mailed to. */
  readonly make: (at: string | undefined) => Promise<string>
}

const resetWith = (password: string) => (token: string) =>
  ['/auth/password/reset', { token, password }] as const

async function reported(at: string | undefined): Promise<string> {
  const { bearer, email } = await somebody(at)
  const body = { currentPassword: goodPassword, password: otherPassword }
  expect((await post('/auth/password/change', body, at, bearer)).status).toBe(200)
  return email
}

const kinds: Readonly<Record<string, Kind>> = {
  'a registration': {
    page: 'verify',
    use: (token) => ['/auth/verify-email', { token }],
    make: async (at) => {
      const email = `new${++people}@example.com`
      expect((await post('/auth/register', { email, password: goodPassword }, at)).status).toBe(202)
      return email
    },
  },
  'a forgotten password': {
    page: 'reset',
    use: resetWith(otherPassword),
    make: async (at) => {
      const { email } = await somebody(at)
      expect((await post('/auth/password/forgot', { email }, at)).status).toBe(202)
      return email
    },
  },
  'an account that was made for somebody': {
    page: 'reset',
    use: resetWith(otherPassword),
    make: async (at) => {
      const email = `invited${++people}@example.com`
      const organisation = at === undefined ? {} : { organisation: at }
      await site.security.users.invite({ email, ...organisation })
      return email
    },
  },
  'a new address': {
    page: 'confirm-email',
    use: (token) => ['/auth/email/confirm', { token }],
    make: async (at) => changeEmail(await somebody(at)),
  },
  'the address before': {
    page: 'undo-email',
    use: (token) => ['/auth/email/undo', { token }],
    make: async (at) => {
      const person = await somebody(at)
      const token = await linkTo('confirm-email', await changeEmail(person))
      expect((await post('/auth/email/confirm', { token }, at)).status).toBe(200)
      return person.email
    },
  },
  '"this was not me"': {
    page: 'not-me',
    use: (token) => ['/auth/report', { token }],
    make: reported,
  },
  'the way back after that': {
    page: 'reset',
    use: resetWith(`${otherPassword} too`),
    make: async (at) => {
      const email = await reported(at)
      const token = await linkTo('not-me', email)
      expect((await post('/auth/report', { token }, at)).status).toBe(200)
      return email
    },
  },
}

const use = (kind: Kind, token: string, at?: string) => {
  const [path, body] = kind.use(token)
  return post(path, body, at)
}
const open = ({ page }: Kind, token: string, at?: string) =>
  site.ask(`/account/${page}?token=${token}`, { headers: named(at) })

describe.each(Object.entries(kinds))('the link of %s', (_name, kind) => {
  const made = async (at: string | undefined) => linkTo(kind.page, await kind.make(at))

  test('rule 7: is none in another organisation, and goes on working in its own', async () => {
    const token = await made('acme')
    for (const foreign of ['other', 'none', '']) {
      const told = await use(kind, token, foreign)
      expect(told.json.code, foreign).toBe('link_invalid')
      expect(looks(told)).toEqual(looks(await use(kind, unknown, foreign)))
      expect((await open(kind, token, foreign)).status, foreign).toBe(400)
    }
    expect((await open(kind, token, 'acme')).status).toBe(200)
    expect((await use(kind, token, 'acme')).status).toBe(200)
  })

  test('rule 7: is none in an organisation where its account is of none', async () => {
    const token = await made(undefined)
    expect((await use(kind, token, 'acme')).json.code).toBe('link_invalid')
    expect((await open(kind, token, 'acme')).status).toBe(400)
    expect((await use(kind, token)).status).toBe(200)
  })

  test('works where mails lead, which is where no organisation is named', async () => {
    const token = await made('acme')
    expect((await open(kind, token)).status).toBe(200)
    expect((await use(kind, token)).status).toBe(200)
  })
})

test('rule 7: the page of an invitation says nothing of it in another organisation', async () => {
  const { email } = await somebody('acme')
  await site.security.organisations.invite('acme', { email })
  const token = await linkTo('invitation', email)
  const page = (at?: string) =>
    site.ask(`/account/invitation?token=${token}`, { headers: named(at) })
  for (const foreign of ['other', 'none']) {
    const { status, text } = await page(foreign)
    expect(status).toBe(400)
    expect(text).not.toContain(email)
    expect(text).not.toContain('The acme')
  }
  for (const place of ['acme', undefined]) expect((await page(place)).text).toContain('The acme')
})
