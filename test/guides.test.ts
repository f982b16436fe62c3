import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import express, { type RequestHandler } from 'express'
import { afterAll, describe, expect, it } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { sources } from '../scripts/password-filter/sources.ts'
import { PermissionSet, systemRoles } from '../src/access/index.ts'
import { captchaWidgets } from '../src/captcha/index.ts'
import { eventDefinitions } from '../src/composition/index.ts'
import { resolveConfig } from '../src/config/index.ts'
import { loginAnswer } from '../src/contract.ts'
import type { MailTemplate } from '../src/mail/index.ts'
import { english } from '../src/mail/templates/english.ts'
import { durationText } from '../src/mail/templates/facts.ts'
import { FuseFilter } from '../src/passwords/fuse-filter.ts'
import { compileCsp } from '../src/shield/headers-csp.ts'
import { delayAfter } from '../src/throttle/index.ts'
import { openKit, password, serve } from './adapters/site.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = (path: string) => readFileSync(join(root, path), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'holdfast-guide-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const required = {
  baseUrl: 'https://app.example.com',
  masterKey: randomBytes(32).toString('base64url'),
}

/** What a row of a table holds in code type, cell by cell. */
function rows(text: string, head: string): string[][][] {
  const table = text.slice(text.indexOf(head)).split('\n\n')[0] ?? ''
  return table
    .split('\n')
    .slice(2)
    .map((row) =>
      row.split('|').map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, x]) => x ?? '')),
    )
}

describe('protect-an-express-app.md', () => {
  const guide = page('docs/guides/protect-an-express-app.md')
  const lines = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  )

  it('its commands make the first administrator in the database of the app', () => {
    const node = JSON.stringify(process.execPath)
    const holdfast = `${node} ${JSON.stringify(join(root, 'cli/main.ts'))}`
    const env = { PATH: process.env.PATH ?? '', HOME: folder }
    writeFileSync(join(folder, 'package.json'), '{"name":"shop","type":"commonjs"}')
    writeFileSync(join(folder, 'password.txt'), 'correct horse battery staple 42\n')
    const outputs = lines
      .filter((line) => !line.startsWith('npm install'))
      .map((line) => line.replace('npx holdfast', holdfast))
      .map((line) => spawnSync('sh', ['-c', line], { cwd: folder, env, encoding: 'utf8' }))
    expect(outputs.filter(({ status }) => status !== 0)).toEqual([])
    expect(outputs.at(-1)?.stdout).toMatch(
      /^Made you@example.com .* in sqlite:.\/shop.db \(new\).\n$/,
    )
    expect(existsSync(join(folder, 'shop.db'))).toBe(true)
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).type).toBe('module')
    const list = `${holdfast} users list --json`
    const accounts = execFileSync('sh', ['-c', list], { cwd: folder, env, encoding: 'utf8' })
    expect(JSON.parse(accounts)).toMatchObject([
      { email: 'you@example.com', roles: ['super_admin'] },
    ])
  })

  it('README.md begins with the same commands', () => {
    for (const line of lines) expect(page('README.md')).toContain(`\n${line}\n`)
    expect(lines.length).toBeGreaterThan(5)
    expect(lines).toContain(`npm install ../holdfast-${manifest.version}.tgz express`)
  })
})

describe('roles-and-permissions.md', () => {
  const guide = page('docs/guides/roles-and-permissions.md')

  it('says rightly what a pattern reaches', () => {
    const table = rows(guide, '| a role that holds')
    expect(table.length).toBeGreaterThan(4)
    for (const [, [pattern = ''] = [], reached = [], others = []] of table) {
      const set = new PermissionSet([pattern])
      const asked = [...reached, ...others].filter((one) => one.includes(':'))
      expect(asked.filter((one) => set.has(one))).toEqual(reached)
    }
  })

  it("names the system's roles and what they hold", () => {
    const table = rows(guide, '| role | holds')
    expect(table.map((cells) => cells[1]?.[0])).toEqual(Object.keys(systemRoles))
    for (const [, [role = ''] = [], held = []] of table) {
      const { permissions = [] } = systemRoles[role] ?? {}
      const named = held.filter((one) => one !== 'security:*')
      expect(permissions.filter((one) => !String(one).includes(':security:'))).toEqual(named)
    }
  })
})

it('sign-in-from-your-front-end.md sends people without a session to the page, and back', async () => {
  const guide = page('docs/guides/sign-in-from-your-front-end.md')
  const code = /```js\n(const page = .*?)```/s.exec(guide)?.[1] ?? ''
  const kit = await openKit()
  const showOrders: RequestHandler = (_request, response) => void response.send('yours')
  const site = await serve(kit, (app, security) => {
    new Function('app', 'security', 'showOrders', code)(app, security, showOrders)
  })
  const { bearer } = await kit.person('manager')
  const headers = async (init = {}) => {
    const answer = await site.fetch('/orders?year=2026', init)
    return [answer.status, answer.headers.get('location'), answer.text]
  }
  expect((await headers()).slice(0, 2)).toEqual([
    303,
    '/account/sign-in?next=%2Forders%3Fyear%3D2026',
  ])
  expect(await headers({ headers: bearer })).toEqual([200, null, 'yours'])
  const { bearer: guest } = await kit.person('guest')
  expect((await headers({ headers: guest }))[0]).toBe(403)
  await site.stop()
  await kit.close()
})

it('sign-in-from-your-front-end.md switches on every status that a sign-in can have', async () => {
  const guide = page('docs/guides/sign-in-from-your-front-end.md')
  const code = /```js\n(async function signIn.*?)```/s.exec(guide)?.[1] ?? ''
  const statuses = loginAnswer.options.map(({ shape }) => [...shape.status.values][0])
  expect(rows(guide, '| HTTP | `status`').flatMap((cells) => cells[2] ?? [])).toEqual(
    expect.arrayContaining(statuses),
  )
  for (const status of statuses) expect(code).toContain(`case '${status}':`)
  const kit = await openKit()
  const site = await serve(kit, () => {})
  const { email } = await kit.person('guest')
  const ask = (path: string, init: RequestInit) =>
    fetch(`http://127.0.0.1:${site.port}${path}`, init)
  const signIn = new Function('fetch', `${code};return signIn`)(ask)
  expect(await signIn({ email, password })).toMatchObject({ user: { email } })
  await kit.security.signUp.register({ email: 'new@example.com', password }, {}, 'test')
  expect((await signIn({ email: 'new@example.com', password })).tell).toMatch(/^Confirm/)
  for (let turn = 0; turn < 3; turn++) {
    expect((await signIn({ email, password: 'wrong' })).tell).toMatch(/wrong/)
  }
  expect(await signIn({ email, password })).toMatchObject({ solve: { algorithm: 'SHA-256' } })
  await site.stop()
  await kit.close()
})

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

describe('ask-for-a-captcha.md', () => {
  const guide = page('docs/guides/ask-for-a-captcha.md')
  const block = (start: string) =>
    new RegExp(`\`\`\`js\\n(${start}.*?)\`\`\``, 's').exec(guide)?.[1] ?? ''

  it('its front end signs in after failures, with the proof that is asked for', async () => {
    const kit = await openKit({ captcha: { work: 2_000 } })
    const site = await serve(kit, () => {})
    const { email } = await kit.person('guest')
    const base = `http://127.0.0.1:${site.port}`
    const ask = (path: string, init: RequestInit) => fetch(base + path, init)
    const signIn = new Function('fetch', `${block('async function signIn')};return signIn`)(ask)
    const wrong = { identifier: email, password: 'wrong', transport: 'body' }
    for (let turn = 0; turn < 4; turn++) {
      expect(await signIn(wrong)).toMatchObject({ code: 'invalid_credentials' })
    }
    const { status } = await signIn({ ...wrong, password })
    expect(status).toBe('signed_in')
    await site.stop()
    await kit.close()
  })

  it('allows what the widgets need', () => {
    const directives = new Function(`${block('const directives')};return directives`)()
    const widgets = Object.entries(captchaWidgets)
    expect(widgets.map(([name]) => name)).toEqual(Object.keys(directives))
    for (const [name, { contentSources }] of widgets) {
      expect(directives[name]).toEqual(contentSources)
      expect(() => compileCsp(contentSources)).not.toThrow()
    }
  })
})

describe('withstand-guessing.md', () => {
  const guide = page('docs/guides/withstand-guessing.md')

  it('says rightly how long a lane closes, and how many guesses there are', () => {
    const table = guide.slice(guide.indexOf('| guess in a row')).split('\n\n')[0] ?? ''
    const said = [...table.matchAll(/^\| (\d+)[^|]*\| `(\d+)` s \|$/gm)]
    expect(said.length).toBe(7)
    for (const [, guess, seconds] of said) {
      expect(delayAfter(Number(guess))).toBe(Number(seconds) * 1_000)
    }
    expect(delayAfter(4)).toBe(0)
    expect(delayAfter(99)).toBe(delayAfter(15))
    const { lockout } = resolveConfig({ ...required })
    expect(guide).toContain(`strangers have \`${lockout.guesses}\` guesses`)
  })

  it('shows a strict lockout that the options take, and names events that there are', () => {
    const block = /```ts\nconst options = (.*?) as const\n```/s.exec(guide)?.[1] ?? ''
    const options = new Function(`return ${block}`)()
    const { lockout } = resolveConfig({ ...required, ...options })
    expect(lockout).toMatchObject({ mode: 'strict', attempts: 5, durationMs: 900_000 })
    const events = rows(guide, '| event |').map((cells) => cells[0]?.[0] ?? cells[1]?.[0])
    expect(events.length).toBe(6)
    for (const name of events) expect(Object.keys(eventDefinitions)).toContain(name)
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

describe('links', () => {
  const files = [...globSync('docs/**/*.md', { cwd: root }), 'README.md', 'SECURITY.md']
  const links = files.flatMap((file) =>
    [...page(file).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, to = '']) => {
      return { file, to: normalize(join(dirname(file), to)) }
    }),
  )

  it('lead to what is there', () => {
    expect(links.length).toBeGreaterThan(20)
    expect(links.filter(({ to }) => !existsSync(join(root, to)))).toEqual([])
  })

  it('lead to what is packed, but for the page for contributors', () => {
    const isPacked = (to: string) =>
      manifest.files.some((one) => to === one || to.startsWith(`${one}/`))
    expect(links.filter(({ to }) => !isPacked(to)).map(({ to }) => to)).toEqual(['CONTRIBUTING.md'])
  })
})
