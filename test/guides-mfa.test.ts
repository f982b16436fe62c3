import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../src/ports/index.ts'
import { openKit, password, serve } from './adapters/site.ts'
import { type FrontEnd, frontEnd } from './front-end-kit.ts'
import { goodPassword, openSite } from './rules/identity-kit.ts'
import { codeAt, freshCode, makePerson, makeTotpPerson } from './rules/second-factor-kit.ts'
import { findProgram } from './services/binaries.ts'

const guide = readFileSync(new URL('../docs/guides/add-mfa.md', import.meta.url), 'utf8')
const scripts = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, script = '']) => script)
const programs = ['sh', 'curl', 'jq', 'oathtool'].map((name) => findProgram(name))

/** What the guide quotes as JSON, found by a part of it. */
const quoted = (part: string) => {
  const all = [...guide.matchAll(/^```json\n(.*?)^```$/gms)].map(([, one = '']) => one)
  return JSON.parse(all.find((one) => one.includes(part)) ?? '{}')
}

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

  it('an app is set up at the sign-in where one is demanded, within 15 minutes', async () => {
    const site = await openSite({ captcha: 'none', mfa: { required: 'everyone' } })
    const email = 'ben@example.com'
    await makePerson(site, email)
    const code = /```js\n(async function enrolApp.*?)```/s.exec(guide)?.[1] ?? ''
    type Ways = {
      askForCode: () => Promise<string>
      showSecret: (setup: { secret: string }) => void
    }
    type Own = FrontEnd & { enrolApp: (flow: string, ways: Ways) => Promise<Response> }
    const app = frontEnd<Own>({ base: site.base, more: { code, names: ['enrolApp'] } })
    const signIn = async () => {
      const body = { email, password: goodPassword }
      return (await app.send('/auth/login', { method: 'POST', body })).json()
    }
    const answer = await signIn()
    expect({ ...answer, flow: '...' }).toEqual(quoted('"mfa_required"'))
    let secret = ''
    const typed = ['', '000']
    const ways: Ways = {
      showSecret: (setup) => (secret = setup.secret),
      askForCode: async () => typed.pop() ?? codeAt(secret, site.clock.now()),
    }
    await site.advance(14 * 60_000)
    const enrolled = await app.enrolApp(answer.flow, ways)
    const signedIn = await enrolled.json()
    expect(signedIn).toMatchObject({ status: 'signed_in' })
    expect(signedIn.recoveryCodes).toHaveLength(10)
    app.keep(signedIn)
    const mfa = await (await app.send('/auth/mfa')).json()
    expect(Object.keys(mfa)).toEqual(Object.keys(quoted('"recoveryCodesLeft": 9')))
    const late = await app.enrolApp(answer.flow, ways)
    expect((await late.json()).code).toBe('flow_invalid')
    await site.close()
  })

  it('a trusted browser signs in with the password alone, at level 1', async () => {
    const code = /```ts\nconst options = (.*?) as const\n```/s.exec(guide)?.[1] ?? ''
    const site = await openSite({ captcha: 'none', ...new Function(`return ${code}`)() })
    const person = await makeTotpPerson(site, 'cid@example.com')
    const app = frontEnd({ base: site.base })
    const post = async (path: string, body: object) =>
      (await app.send(path, { method: 'POST', body })).json()
    const body = { email: person.email, password: goodPassword }
    const { flow } = await post('/auth/login', body)
    const proof = { method: 'totp', code: await freshCode(site, person), trustDevice: true }
    expect((await post('/auth/login/mfa', { flow, ...proof })).status).toBe('signed_in')
    const again = await post('/auth/login', body)
    expect(again.status).toBe('signed_in')
    app.keep(again)
    expect((await (await app.send('/auth/me')).json()).level).toBe(1)
    const { devices } = await (await app.send('/auth/devices')).json()
    expect(devices[0].trustedUntil).toBeGreaterThan(site.clock.now())
    await site.close()
  })

  it('names routes that are there', () => {
    const routes = kit.security.routes.map(({ method, path }) => `${method} ${path}`)
    const named = [...guide.matchAll(/`((?:GET|POST) \/auth[^`]*)`/g)].map(([, one]) => one)
    expect(named.length).toBeGreaterThan(3)
    for (const one of named) expect(routes).toContain(one)
    for (const alias of ['setup', 'enable']) expect(routes).toContain(`POST /auth/mfa/${alias}`)
  })
})
