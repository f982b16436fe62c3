import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectKey, keyPattern } from '../src/index.ts'
import { keyKit } from './rules/api-keys-kit.ts'
import { openSite, type Site } from './rules/identity-kit.ts'
import { findProgram } from './services/binaries.ts'

const guide = readFileSync(new URL('../docs/guides/api-keys.md', import.meta.url), 'utf8')
const scripts = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, script = '']) => script)
const programs = ['sh', 'curl', 'jq', 'grep'].map((name) => findProgram(name))

let site: Site
beforeAll(async () => {
  site = await openSite({ captcha: 'none' })
})
afterAll(() => site.close())

describe('api-keys.md', () => {
  it.skipIf(programs.includes(undefined))(
    'its commands make a key, use it, rotate it, revoke the old one and find the new one',
    async () => {
      const person = await keyKit(site).someone('reader', ['user', 'manager'])
      const folder = mkdtempSync(join(tmpdir(), 'holdfast-keys-'))
      const script = scripts.join('\n').replaceAll('http://localhost:3000', site.base)
      const TOKEN = person.bearer.authorization?.slice('Bearer '.length)
      const env = { ...process.env, TOKEN }
      const { stderr, stdout } = await promisify(execFile)('sh', ['-ec', script], {
        ...{ cwd: folder, env },
      })
      const kept = (file: string) => readFileSync(join(folder, file), 'utf8')
      const [made, rotated] = ['made.json', 'rotated.json'].map((file) => JSON.parse(kept(file)))
      expect(stderr).toBe('')
      expect(stdout.split('"keyId"')).toHaveLength(3)
      expect(stdout).toContain(`"${made.apiKey.id}"`)
      expect(inspectKey(kept('found.txt'))).toMatchObject({ kind: 'key', id: rotated.apiKey.id })
      rmSync(folder, { recursive: true, force: true })
      const use = (key: string) => site.get('/api/orders', { 'x-api-key': key })
      expect([(await use(made.key)).status, (await use(rotated.key)).status]).toEqual([401, 200])
    },
  )

  it('its program gives a service account a key', async () => {
    const code = /^```js\n(.*?)^```$/ms.exec(guide)?.[1] ?? ''
    const body = `return (async () => { ${code}; return key })()`
    const key = await new Function('security', body)(site.security)
    expect((await site.get('/api/orders', { 'x-api-key': key })).status).toBe(200)
  })

  it('shows the pattern for scanners, and names routes and permissions that are there', () => {
    expect(guide).toContain(`\`\`\`text\n${keyPattern}\n`)
    const routes = site.security.routes.map(({ method, path }) => `${method} ${path}`)
    const named = [...guide.matchAll(/`((?:GET|POST) \/[^`]*)`/g)].map(([, one]) => one)
    expect(named.length).toBeGreaterThan(3)
    for (const one of named) expect(routes).toContain(one)
    const asked = site.security.routes.flatMap(({ policy }) =>
      policy.kind === 'permission' ? [policy.permission] : [],
    )
    expect(asked).toEqual(expect.arrayContaining(['write:security:keys']))
    expect(asked).toEqual(expect.arrayContaining(['write:security:service_accounts']))
  })
})
