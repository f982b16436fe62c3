import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseArguments } from '../cli/command.ts'
import { commands } from '../cli/commands.ts'
import { loginBody } from '../src/contract.ts'
import { openKit, serve } from './adapters/site.ts'

const guide = readFileSync(
  new URL('../docs/guides/administer-accounts.md', import.meta.url),
  'utf8',
)
const table = guide.slice(guide.indexOf('| act | HTTP')).split('\n\n')[0] ?? ''
const cells = table.split('\n').slice(2)

let kit: Awaited<ReturnType<typeof openKit>>
let site: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  kit = await openKit()
  site = await serve(kit, () => {})
})
afterAll(async () => {
  await site.stop()
  await kit.close()
})

it('administer-accounts.md names routes that are there, and every route of accounts', () => {
  const routes = kit.security.routes
    .filter(({ path }) => path.startsWith('/admin/users') && !path.includes('/roles'))
    .map(({ method, path }) => `${method} ${path}`)
  const named = cells.map((row) => /`((?:GET|POST|DELETE) [^`?]+)/.exec(row)?.[1] ?? '')
  expect(new Set(named)).toEqual(new Set(routes))
})

it('administer-accounts.md names methods and commands that are there, with their options', () => {
  const { users } = kit.security
  const methods = [...table.matchAll(/`users\.(\w+)\(/g)].map(([, name = '']) => name)
  for (const name of methods) expect(name in users, name).toBe(true)
  const lines = [...table.matchAll(/`holdfast (users (?:factors )?[a-z-]+)([^`]*)`/g)]
  expect([methods.length, lines.length]).toEqual([cells.length, cells.length])
  for (const [, name, rest = ''] of lines) {
    const command = commands.find((one) => one.name === name)
    for (const [, option = ''] of rest.matchAll(/--([a-z-]+)/g)) {
      expect(Object.keys(command?.options ?? {}), name).toContain(option)
    }
  }
})

it('the request and the code of administer-accounts.md do what they say', async () => {
  const admin = await kit.person('super_admin')
  const bodies = [...guide.matchAll(/-d '({.*?})'/g)].map(([, body = '']) => body)
  const body = bodies.find((one) => one.includes('"roles"')) ?? ''
  expect(loginBody.safeParse(JSON.parse(bodies[0] ?? '')).success).toBe(true)
  const headers = { 'content-type': 'application/json', ...admin.bearer }
  const made = await site.fetch('/admin/users', { method: 'POST', headers, body })
  expect([made.status, made.json]).toMatchObject([201, { status: 'pending', roles: ['manager'] }])

  const { email, userId: id } = await kit.person('user')
  const code = /```js\n(.*?)```/s.exec(guide)?.[1] ?? ''
  const run = new Function('security', 'id', 'req', 'Date', `return (async () => { ${code} })()`)
  const auth = { userId: admin.userId, roles: ['super_admin'] }
  await run(kit.security, id, { auth }, { now: () => kit.clock.now() })
  expect(await kit.security.users.find(email)).toMatchObject({
    ...{ status: 'locked', statusReason: 'laptop stolen' },
    lockedUntil: kit.clock.now() + 86_400_000,
  })
})

/** What stands after `holdfast` in code type or in a block; a bare name is a mention, no line. */
function printedLines(): { file: string; words: string[] }[] {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const files = globSync(['README.md', 'docs/**/*.md', 'src/**/README.md'], { cwd: root })
  return files.flatMap((file) => {
    const text = readFileSync(`${root}/${file}`, 'utf8').replaceAll(/^Usage: .*$/gm, '')
    const printed = text.matchAll(/(?:^ *(?:npx )?|`(?:npx )?)holdfast (users [^`\n<]+)/gm)
    return [...printed].map(([, line = '']) => ({
      file,
      words: [...line.matchAll(/"[^"]*"|\S+/g)].map(([word]) => word.replaceAll('"', '')),
    }))
  })
}

it('every `holdfast users` line that the documentation prints is one that does its work', () => {
  const lines = printedLines()
  expect(lines.length).toBeGreaterThan(20)
  for (const { file, words } of lines) {
    const line = `${file}: ${words.join(' ')}`
    const named = commands.filter(({ name }) => `${words.join(' ')} `.startsWith(`${name} `))
    const command = named.sort((one, other) => other.name.length - one.name.length)[0]
    expect(command, line).toBeDefined()
    if (!command || words.join(' ') === command.name) continue
    const args = words.slice(command.name.split(' ').length)
    const given = Object.keys(parseArguments(command, args).values)
    const needed = Object.entries(command.options).filter(([, { needed }]) => needed)
    for (const [option] of needed) expect(given, line).toContain(option)
  }
})
