import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FrontEnd, frontEnd } from './front-end-kit.ts'
import { openSite, type Site } from './rules/identity-kit.ts'
import {
  freshCode,
  makePerson,
  makeTotpPerson,
  outcome,
  type TotpPerson,
  visitor,
} from './rules/second-factor-kit.ts'
import { findProgram } from './services/binaries.ts'

const guide = readFileSync(
  new URL('../docs/guides/require-mfa-for-managers.md', import.meta.url),
  'utf8',
)
const block = (start: string) =>
  new RegExp(`^\`\`\`\\w*\\n(${start}.*?)^\`\`\`$`, 'ms').exec(guide)?.[1] ?? ''

let site: Site
let manager: TotpPerson
beforeAll(async () => {
  const options = new Function(
    `${block('const options').replace(' as const', '')};return options`,
  )()
  site = await openSite({ captcha: 'none', ...options }, (app, security) => {
    const done = (_request: unknown, response: { json: (body: object) => void }) =>
      response.json({ done: true })
    new Function('app', 'security', 'showPayroll', 'runPayroll', block("app.get\\('/payroll'"))(
      ...[app, security, done, done],
    )
  })
  manager = await makeTotpPerson(site, 'mona@example.com')
  await site.security.users.grantRole(manager.id, 'manager')
})
afterAll(() => site.close())

async function signIn(): Promise<string> {
  const mfaCode = await freshCode(site, manager)
  const { json } = await visitor(site).login(manager.email, { mfaCode })
  if (json.status !== 'signed_in') throw new Error(JSON.stringify(json))
  return json.accessToken
}

describe('require-mfa-for-managers.md', () => {
  it('its front end asks for a proof, goes on with the new token and leads to the setup', async () => {
    const visited: string[] = []
    const code = `${block('const run').replace(/^const answer/m, 'return async () => { const answer')}}`
    const more = {
      code: `${block('async function timeToComply')}
        const pay = (location) => { ${code} }`,
      names: ['pay', 'timeToComply'],
    }
    type Own = FrontEnd & {
      pay: (location: object) => () => Promise<void>
      timeToComply: () => Promise<string | undefined>
    }
    const paid: number[] = []
    const app = frontEnd<Own>({
      ...{ base: site.base, native: true, more },
      onCall: (path) => path === '/payroll/run' && paid.push(site.clock.now()),
      showProofForm: async () => ({ method: 'totp', typed: await freshCode(site, manager) }),
    })
    const location = { assign: (to: string) => visited.push(to) }
    app.keep({ accessToken: await signIn() })
    await site.advance(6 * 60_000)
    await app.pay(location)()
    expect([paid.length, visited]).toEqual([2, []])
    expect(await app.timeToComply()).toBeUndefined()
    const email = 'paul@example.com'
    await site.security.users.grantRole(await makePerson(site, email), 'manager')
    app.keep((await visitor(site).login(email)).json)
    expect(await app.timeToComply()).toMatch(/^Set up a second factor before .*2026/)
    await app.pay(location)()
    expect(visited).toEqual(['/account/prove?level=2'])
  })

  it.skipIf(findProgram('curl') === undefined)(
    'curl sees the challenge as it is written',
    async () => {
      const token = await signIn()
      await site.advance(6 * 60_000)
      const headers = { authorization: `Bearer ${token}` }
      const answer = await site.request('POST', '/payroll/run', { headers })
      const written = /^www-authenticate: (.*)$/m.exec(guide)?.[1]
      expect(answer.headers.get('www-authenticate')).toBe(written)
      const script = block('curl -i').replace('http://localhost:3000', site.base)
      expect(script).toContain('/payroll/run')
      const printed = await new Promise<string>((resolve, reject) => {
        const env = { ...process.env, TOKEN: token }
        execFile('sh', ['-ec', script], { env }, (error, stdout) =>
          error ? reject(error) : resolve(stdout),
        )
      })
      expect(printed).toMatch(/^HTTP\/1.1 401 Unauthorized\r\n/)
      expect(printed.toLowerCase()).toContain(`www-authenticate: ${written}`.toLowerCase())
    },
  )

  it('whoever has none gets in for the time of the grace, and then only to set one up', async () => {
    const email = 'nora@example.com'
    await site.security.users.grantRole(await makePerson(site, email), 'manager')
    const first = await visitor(site).login(email)
    const bearer = { authorization: `Bearer ${first.json.accessToken}` }
    expect((await site.get('/payroll', bearer)).status).toBe(200)
    const { json } = await site.get('/auth/mfa', bearer)
    expect(json.dueAt).toBe(site.clock.now() + 7 * 86_400_000)
    const high = await site.request('POST', '/payroll/run', { headers: bearer })
    expect(high.json).toMatchObject({ code: 'step_up_required', enrol: ['totp', 'passkey'] })
    await site.advance(7 * 86_400_000)
    const late = await visitor(site).login(email)
    expect(late.json).toMatchObject({ status: 'mfa_required', methods: [] })
    expect(late.json.enrol).toEqual(['totp', 'passkey'])
  })

  it('a role given to somebody who is signed in asks at once, and a new sign-in begins the grace', async () => {
    const email = 'olga@example.com'
    const id = await makePerson(site, email)
    const first = await visitor(site).login(email)
    await site.security.users.grantRole(id, 'manager')
    const refused = await site.get('/payroll', {
      authorization: `Bearer ${first.json.accessToken}`,
    })
    expect(outcome(refused)).toBe('401 step_up_required')
    const again = await visitor(site).login(email)
    const bearer = { authorization: `Bearer ${again.json.accessToken}` }
    expect((await site.get('/payroll', bearer)).status).toBe(200)
  })

  it('names routes and pages that are there', () => {
    const routes = site.security.routes.map(({ method, path }) => `${method} ${path}`)
    const named = [...guide.matchAll(/`((?:GET|POST) \/auth[^`]*)`/g)].map(([, one]) => one)
    expect(named.length).toBeGreaterThan(3)
    for (const one of named) expect(routes).toContain(one)
    expect(routes).toContain('GET /account/prove')
  })
})
