import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { sources } from '../scripts/password-filter/sources.ts'
import type { MailTemplate } from '../src/mail/index.ts'
import { english } from '../src/mail/templates/english.ts'
import { durationText } from '../src/mail/templates/facts.ts'
import { FuseFilter } from '../src/passwords/fuse-filter.ts'
import { openKit, password, serve } from './adapters/site.ts'
import { page, root, rows } from './guide-kit.ts'

describe('account-pages.md', () => {
  const guide = page('docs/guides/account-pages.md')

  it('lists every page of accounts, and those of links with the API that does the same', async () => {
    const kit = await openKit()
    const { routes } = kit.security.parts.surface
    const gets = routes.filter(({ kind, method }) => kind === 'page' && method === 'GET')
    const pages = gets.map(({ path }) => path).filter((path) => path.startsWith('/account'))
    const listed = rows(guide, '| page | for').map(([, [path = ''] = []]) => path)
    expect(listed.sort()).toEqual(pages.sort())
    const posts = routes.filter(({ method }) => method === 'POST').map(({ path }) => `POST ${path}`)
    const links = rows(guide, '| mailed link | your button')
    expect(links.length).toBe(5)
    for (const [, [link = ''] = [], [api = ''] = []] of links) {
      expect(pages).toContain(link)
      expect(posts).toContain(api)
    }
    await kit.close()
  })

  it('its options move the pages, translate them and close the form', async () => {
    const code = /```ts\nconst options = (.*?) as const\n```/s.exec(guide)?.[1] ?? ''
    const kit = await openKit(new Function(`return ${code}`)())
    const site = await serve(kit, () => {})
    const closed = await site.fetch('/konto/register')
    expect(closed.status).toBe(403)
    expect(closed.text).toContain('<html lang="de" dir="ltr">')
    expect(closed.text).toContain('Lantern &amp; Sons')
    expect((await site.fetch('/account/register')).status).toBe(404)
    await site.stop()
    await kit.close()
  })

  it('a route of an app cannot shadow one of these pages', async () => {
    const kit = await openKit()
    const app = kit.security.protect(express())
    app.get(
      '/account/reset',
      kit.security.open((_request, response) => void response.send('mine')),
    )
    expect(() => app.listen(0)).toThrow(/GET \/account\/reset .*\/account/)
    await kit.close()
  })
})

describe('recover-accounts.md', () => {
  const guide = page('docs/guides/recover-accounts.md')
  const block = (language: string) =>
    new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(guide)?.[1] ?? ''

  it('its code resets a password', async () => {
    const kit = await openKit()
    const email = 'ada@example.com'
    await kit.security.users.create({ email, password })
    const [ask = '', use = ''] = block('ts').split('\n\n')
    const run = (code: string, values: object) =>
      new Function(...Object.keys(values), `return (async () => {${code}})()`)(
        ...Object.values(values),
      )
    const { security } = kit
    await run(ask, { security })
    await kit.deliverMail()
    const token = kit.mailbox.latestToken(email)
    const given = { security, token, origin: {}, password: 'another horse battery staple 43' }
    await run(use, given)
    expect(await security.recovery.inspect(token, ['reset'])).toEqual({ usable: false })
    await kit.close()
  })

  it('names every route of recovery and every code that is its own', async () => {
    const kit = await openKit()
    const table = rows(guide, '| what | request')
    const named = table.map((cells) => cells[2]?.[0])
    const own = kit.security.routes.filter(({ path }) =>
      /^\/auth\/(password\/(?!check)|email\/|report|account\/|step-up)/.test(path),
    )
    expect(own.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(named.sort())
    for (const [, , [request = ''] = [], codes = []] of table) {
      const route = own.find(({ method, path }) => `${method} ${path}` === request)
      const known = [...(route?.problems ?? []), ...(route?.stepUp ? ['step_up_required'] : [])]
      const told = known.filter((code) => !code.startsWith('email_'))
      expect(codes.sort(), request).toEqual(told.sort())
    }
    await kit.close()
  })
})

describe('mail-and-notices.md', () => {
  const guide = page('docs/guides/mail-and-notices.md')

  it('names every mail, with the option of its link and its standard life', async () => {
    const named = [...guide.matchAll(/^\| (`[a-z`, -]+`) \|.*?\| ([^|]*) \|$/gm)]
    const lives = new Map(
      named.flatMap(([, mails = '', life = '']) =>
        [...mails.matchAll(/`([^`]+)`/g)].map(([, mail = '']) => [mail, life] as const),
      ),
    )
    expect([...lives.keys()].sort()).toEqual(Object.keys(english.mails).sort())
    const kit = await openKit()
    const { links } = kit.security.config
    for (const [, option = '', life = ''] of guide.matchAll(/`links\.(\w+)`, ([^|]+) \|/g)) {
      expect(durationText(links[`${option}Ms` as keyof typeof links], 'en')).toBe(life)
    }
    const mortal = (mail: string) =>
      english.mails[mail as MailTemplate].closing.join().includes('{lifetime}')
    for (const [mail, life] of lives) expect(life.startsWith('`links.'), mail).toBe(mortal(mail))
    await kit.close()
  })

  it('its code switches a notice off, and the start says so', async () => {
    const [, code = ''] = /createSecurity\((\{.*?^\})\)/ms.exec(guide) ?? []
    const kit = await openKit(new Function(`return ${code}`)())
    expect(kit.security.relaxations.map(({ option }) => option)).toContain('notices.newDevice')
    expect(kit.security.config.mail.language).toBe('de')
    await kit.close()
  })
})

describe('passwords.md', () => {
  const guide = page('docs/guides/passwords.md')

  it('its function tells a form what the policy says, and nothing when it is not told', async () => {
    const code = /```js\n(async function checkPassword.*?)```/s.exec(guide)?.[1] ?? ''
    const limits = { passwordCheck: { points: 3, window: '15m' } } as const
    const kit = await openKit({ limits })
    const site = await serve(kit, () => {})
    const toSite = (path: string, init: RequestInit) =>
      fetch(`http://127.0.0.1:${site.port}${path}`, init)
    const check = new Function('fetch', `${code}; return checkPassword`)(toSite)
    const form = { email: 'ada@example.com', name: 'Wilhelmina Harrowgate' }
    expect(await check({ ...form, password: 'correct horse battery staple' })).toEqual({
      ...{ ok: true, score: 4, hints: [] },
    })
    expect(await check({ ...form, password: 'passwordstandard' })).toMatchObject({
      ...{
        ok: false,
        hints: [expect.stringMatching(/people use most.* Use a few unrelated words/)],
      },
    })
    expect((await check({ ...form, password: 'Wilhelmina-Harrowgate-77' })).ok).toBe(false)
    expect((await check({ ...form, password: 'correct horse battery staple' })).ok).toBeUndefined()
    await site.stop()
    await kit.close()
  })

  it('quotes the answer to a refused registration', async () => {
    const quoted = JSON.parse(/```json\n(.*?)```/s.exec(guide)?.[1] ?? '{}')
    const kit = await openKit()
    const site = await serve(kit, () => {})
    const { json, status } = await site.fetch('/auth/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'ada@example.com', password: 'passwordstandard' }),
    })
    expect(status).toBe(400)
    expect(json).toMatchObject(quoted)
    await site.stop()
    await kit.close()
  })

  it('names every reason for which a password is refused', () => {
    const named = rows(guide, '| code | why').map(([, [code = ''] = []]) => code)
    const source = page('src/passwords/faults.ts')
    const codes = [...source.matchAll(/^ {2}\| '(password_\w+)'$/gm)].map(([, code]) => code)
    expect(codes.length).toBeGreaterThan(4)
    expect(named.sort()).toEqual(codes.sort())
  })
})

it('common-passwords.md tells the size, the hash and the entries of the filter that is shipped', () => {
  const text = page('docs/common-passwords.md')
  const shipped = readFileSync(join(root, 'src/passwords/common-passwords.bin'))
  const digest = createHash('sha256').update(shipped).digest('hex')
  expect(text).toContain(`\`${digest.slice(0, 32)}\` \`${digest.slice(32)}\``)
  expect(text).toContain(`${shipped.length.toLocaleString('en')} bytes`)
  expect(text).toContain(`${new FuseFilter(shipped).size.toLocaleString('en')} of at least 8`)
  for (const { package: name, version } of sources) expect(text).toContain(`\`${name}\` ${version}`)
})
