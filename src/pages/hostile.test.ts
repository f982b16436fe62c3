import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { becomeMember, openSite, password, type Site, signIn } from '../../test/pages/site.ts'
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
