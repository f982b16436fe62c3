import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../src/ports/index.ts'
import { openKit, password, serve } from './adapters/site.ts'
import { findProgram } from './services/binaries.ts'

const guide = readFileSync(new URL('../docs/guides/add-mfa.md', import.meta.url), 'utf8')
const scripts = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, script = '']) => script)
const programs = ['sh', 'curl', 'jq', 'oathtool'].map((name) => findProgram(name))

let kit: Awaited<ReturnType<typeof openKit>>
let site: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  kit = await openKit({ clock: systemClock })
  site = await serve(kit, () => {})
  await kit.security.users.create({ email: 'ada@example.com', password })
})
afterAll(async () => {
  await site.stop()
  await kit.close()
})

describe('add-mfa.md', () => {
  it.skipIf(programs.includes(undefined))(
    'its commands set an app up, sign in with a recovery code and make new ones',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'holdfast-mfa-'))
      const script = scripts
        .join('\n')
        .replace('http://localhost:3000', `http://localhost:${site.port}`)
      const run = promisify(execFile)
      const { stderr, stdout } = await run('sh', ['-ec', script], { cwd: folder })
      const kept = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))
      expect([stderr, stdout]).toEqual(['', '9\n10\n'])
      expect(kept('enabled.json').recoveryCodes).toHaveLength(10)
      expect(kept('signed-in.json')).toMatchObject({ status: 'signed_in' })
      rmSync(folder, { recursive: true, force: true })
      const account = await kit.security.users.find('ada@example.com')
      expect(account?.totpSince).toBeGreaterThan(0)
    },
  )

  it('names routes that are there', () => {
    const routes = kit.security.routes.map(({ method, path }) => `${method} ${path}`)
    const named = [...guide.matchAll(/`((?:GET|POST) \/auth[^`]*)`/g)].map(([, one]) => one)
    expect(named.length).toBeGreaterThan(3)
    for (const one of named) expect(routes).toContain(one)
    for (const alias of ['setup', 'enable']) expect(routes).toContain(`POST /auth/mfa/${alias}`)
  })
})
