import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { PermissionSet, systemRoles } from '../src/access/index.ts'
import { page, root, rows } from './guide-kit.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-guide-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('protect-an-express-app.md', () => {
  const guide = page('docs/guides/protect-an-express-app.md')
  // Those of its list of routes need an app: cli/app-routes.test.ts runs them.
  const lines = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)]
    .flatMap(([, block = '']) => block.trim().split('\n'))
    .filter((line) => !line.startsWith('npx holdfast routes --app '))

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
