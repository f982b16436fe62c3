import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { becomeMember, openSite, password, type Site, signIn } from '../../test/pages/site.ts'
import { addPasskey, newMember, proveBy, Visitor } from '../../test/pages/visitor.ts'
import naughty from '../../test/vectors/naughty-strings/blns.json' with { type: 'json' }

let site: Site

beforeAll(async () => {
  site = await openSite()
})

afterAll(() => site?.close())

const piece = fc.constantFrom(
  ...['<', '>', '"', "'", '`', '&', '=', '/', '\\', ' ', '\n', '\r', '\0', '\t', '<!--', '%00'],
  ...[
    '<script>',
    '</style>',
    'onfocus=',
    'javascript:',
    '//evil.example',
    '\ud800',
    '$&',
    '{email}',
  ],
  ...['a@b.example', ',', ';', '..', '%2e', '?token=', '#', '\u202e', '\u{1f469}'],
)
const hostile = fc.oneof(
  fc.array(piece, { minLength: 1, maxLength: 10 }).map((pieces) => pieces.join('')),
  fc.constantFrom(...naughty),
  fc.string({ unit: 'binary', maxLength: 60 }),
)

/** Elements and their attribute names, in order, without the words. */
function skeleton(page: string): string {
  const markup = page.replace(/<style[^>]*>[\s\S]*?<\/style>/, '<style>')
  return (markup.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""')).join('')
}

/** Sends values until one makes a page that none of the plain ones has, or a status above 499. */
async function sendAll(
  plain: readonly string[],
  send: (value: string) => Promise<Response>,
  numRuns = 150,
): Promise<void> {
  const known = new Set<string>()
  for (const value of ['\0', ...plain]) known.add(skeleton(await (await send(value)).text()))
  await fc.assert(
    fc.asyncProperty(hostile, async (value) => {
      const response = await send(value)
      expect(response.status).toBeLessThan(500)
      const location = response.headers.get('location')
      if (location !== null) expect(new URL(location, site.url).origin).toBe(site.url)
      expect(known).toContain(skeleton(await response.text()))
    }),
    { numRuns },
  )
}

const query = (name: string, value: string) => `${name}=${encodeURIComponent(value.toWellFormed())}`

describe('a hostile', () => {
  it.each(['reset', 'confirm-email', 'undo-email', 'not-me', 'verify'])(
    'token makes the page of a dead link and nothing else: %s',
    (page) => sendAll(['x'], (token) => site.get(`/account/${page}?${query('token', token)}`)),
  )

  it('token in a form does the same', () =>
    sendAll(['x'], (token) =>
      site.post('/account/reset', { token: token.toWellFormed(), password }),
    ))

  it('address is asked for again or answered as any other', () =>
    sendAll(['a@b.example', 'no address', ''], (email) =>
      site.post('/account/forgot', { email: email.toWellFormed() }),
    ))

  it('way on after a sign-in leads to this site', () =>
    sendAll(['/app'], (next) => site.get(`/account/sign-in?${query('next', next)}`)))

  it('name and password are refused on the same page', () =>
    // Few, since each costs a hash.
    sendAll(
      ['x', ''],
      (value) =>
        site.post('/account/sign-in', {
          identifier: value.toWellFormed(),
          password: value.toWellFormed(),
        }),
      30,
    ))

  it('user agent is a device without a name', async () => {
    const email = 'agents@example.com'
    await becomeMember(site, email)
    const cookie = await signIn(site, email)
    const agents = [
      '<script>alert(1)</script>',
      '" onfocus="x',
      "'><b>",
      '{device}',
      'x'.repeat(900),
    ]
    const account = async () => skeleton(await (await site.get('/account', { cookie })).text())
    const entry = /<li><div><p><strong><\/strong><\/p>.*?<\/li>/g
    for (const agent of agents) {
      const before = (await account()).match(entry)?.length ?? 0
      const login = { identifier: email, password }
      await site.post('/account/sign-in', login, { 'user-agent': agent })
      expect((await account()).match(entry)?.length, agent).toBe(before + 2)
    }
  })

  it('name of a passkey is text on every page that shows it', async () => {
    const owner = await newMember(site, 'namer@example.com')
    const { authenticator } = await addPasskey(owner, 'plain')
    await proveBy(owner, authenticator, '/account')
    const id = /rename\?id=([\w-]+)"/.exec((await owner.get('/account')).html)?.[1] ?? ''
    const shown = async () => {
      const pages = ['/account', `/account/passkeys/rename?id=${id}`]
      const seen = await Promise.all(pages.map(async (page) => (await owner.get(page)).html))
      return seen.map(skeleton)
    }
    const plain = await shown()
    await fc.assert(
      fc.asyncProperty(hostile, async (name) => {
        const form = { id, name: name.toWellFormed() }
        const done = await owner.post('/account/passkeys/rename', form)
        expect([303, 400]).toContain(done.status)
        expect(await shown()).toEqual(plain)
      }),
      { numRuns: 60 },
    )
  })

  it('flow, code, answer and way on of a second step lead back to the password', async () => {
    const visitor = new Visitor(site)
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (one, other) => {
        const [flow, code] = [one.toWellFormed(), other.toWellFormed()]
        const forms = [
          ['/account/sign-in/code', { flow, code, method: code, response: code, next: code }],
          ['/account/sign-in/enrol', { flow, next: code }],
          ['/account/sign-in/enrol/app', { flow, next: code }],
          ['/account/sign-in/enrol/app/code', { flow, code, next: code }],
          ['/account/sign-in/enrol/passkey', { flow, response: code, next: code }],
        ] as const
        for (const [path, form] of forms) {
          const { html, location, status } = await visitor.post(path, form)
          expect([303, 400]).toContain(status)
          if (status === 303) expect(new URL(location, site.url).origin).toBe(site.url)
          if (flow.length > 8) expect(html).not.toContain(flow)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('way on after a fresh proof leads to this site', async () => {
    const owner = await newMember(site, 'prover@example.com')
    const pairs = [...owner.cookies].map(([name, value]) => `${name}=${value}`)
    const headers = { cookie: pairs.join('; '), 'sec-fetch-site': 'same-origin' }
    await sendAll(['/app'], (next) => site.get(`/account/prove?${query('next', next)}`, headers))
    await fc.assert(
      fc.asyncProperty(hostile, async (next) => {
        const form = { currentPassword: password, next: next.toWellFormed() }
        const { location, status } = await owner.post('/account/prove', form)
        expect([303, 400]).toContain(status)
        if (status === 303) expect(new URL(location, site.url).origin).toBe(site.url)
      }),
      { numRuns: 20 },
    )
  })

  it('new address and notice are text', async () => {
    const email = 'mover@example.com'
    await becomeMember(site, email)
    const cookie = await signIn(site, email)
    const headers = { cookie, 'sec-fetch-site': 'same-origin' }
    await sendAll(['no address', ''], (value) =>
      site.post(
        '/account/email',
        { email: value.toWellFormed().replace('@', ''), currentPassword: 'wrong' },
        headers,
      ),
    )
    await sendAll(['x'], (value) => site.get(`/account?${query('notice', value)}`, headers))
  })
})
