import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { eventDefinitions } from '../../src/composition/index.ts'
import { resolveConfig } from '../../src/config/index.ts'
import { siteAt } from '../../src/passkeys/site.ts'
import { frontEndCode } from '../front-end-kit.ts'
import { becomeMember, openSite, password, type Site } from '../pages/site.ts'
import { describeBrowser, launchChromium } from '../services/chromium.ts'
import { strictRules } from './bench.ts'

const guide = readFileSync(new URL('../../docs/guides/passkeys.md', import.meta.url), 'utf8')
const blocks = [...guide.matchAll(/^```js\n(.*?)^```$/gms)].map(([, block = '']) => block)
const [calls = '', autofill = '', older = ''] = blocks
const rowsOf = (head: string) =>
  (guide.slice(guide.indexOf(head)).split('\n\n')[0] ?? '')
    .split('\n')
    .slice(2)
    .map((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word))

vi.setConfig({ testTimeout: 120_000 })

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

describe('passkeys.md', () => {
  it('names routes that are there, and every route of passkeys', () => {
    const routes = site.security.routes.map(({ method, path }) => `${method} ${path}`)
    const named = [...guide.matchAll(/`((?:GET|POST|PATCH|DELETE) \/[^`]+)`/g)]
    const told = new Set(named.map(([, route = '']) => route))
    expect(routes).toEqual(expect.arrayContaining([...told]))
    const own = routes.filter((route) => / \/auth\/.*passkey/.test(route))
    expect([...told]).toEqual(expect.arrayContaining(own))
  })

  it('says rightly where passkeys work', () => {
    const said = rowsOf('| `baseUrl` | passkeys')
    expect(said.length).toBe(3)
    for (const [baseUrl = '', rpId, origin] of said) {
      expect(siteAt(baseUrl, 'Shop', strictRules)).toMatchObject({ rpId, origin })
    }
  })

  it('shows options that are taken, and events that there are', () => {
    const code = /```ts\nconst options = (.*?) as const\n```/s.exec(guide)?.[1] ?? ''
    const options = new Function(`return ${code}`)()
    const masterKey = randomBytes(32).toString('base64url')
    const required = { baseUrl: 'https://a.example', masterKey }
    const { passkeys } = resolveConfig({ ...required, ...options })
    expect(passkeys).toMatchObject({ userVerification: 'preferred', attestation: 'none' })
    for (const name of ['factor.enabled', 'factor.disabled', 'passkey.cloned']) {
      expect(guide).toContain(`\`${name}\``)
      expect(Object.keys(eventDefinitions)).toContain(name)
    }
  })

  it('has no code that is not looked at', () => {
    expect(blocks).toHaveLength(3)
    expect(older).toContain("from '@simplewebauthn/browser'")
  })
})

describeBrowser('the code of passkeys.md', () => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await launchChromium()
    page = await browser.newPage()
    const device = await page.context().newCDPSession(page)
    await device.send('WebAuthn.enable')
    await device.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2' as const,
        transport: 'internal' as const,
        ...{ automaticPresenceSimulation: true, hasResidentKey: true },
        ...{ hasUserVerification: true, isUserVerified: true },
      },
    })
  })
  afterAll(() => browser?.close())

  const run = (expression: string): Promise<ReturnType<typeof JSON.parse>> =>
    page.evaluate(
      `(async () => {${frontEndCode}${calls}${autofill}
        const showProofForm = async () => ({ method: 'passkey' })
        return await (${expression})})()`,
    )

  it('adds a passkey, signs in by it, by the list and as second factor', async () => {
    const email = 'ada@example.com'
    await becomeMember(site, email)
    await page.goto(`${site.url}/account/register`)
    expect(await run("addPasskey('Phone').catch(({ code }) => code)")).toBe(
      'authentication_required',
    )
    const login = JSON.stringify({ email, password, transport: 'session' })
    await run(`post('/auth/login', ${login})`)
    const added = await run("addPasskey('Phone')")
    expect(added).toMatchObject({ passkey: { name: 'Phone' } })
    expect(added.recoveryCodes).toHaveLength(10)
    for (const way of ['signInWithPasskey()', 'offerPasskeys(new AbortController().signal)']) {
      await run("fetch('/auth/logout', { method: 'POST' })")
      expect(await run(way), way).toMatchObject({ status: 'signed_in' })
    }
    await run("fetch('/auth/logout', { method: 'POST' })")
    const { flow } = await run(`post('/auth/login', ${login}).then(answerOf)`)
    expect(await run(`proveFactor(${JSON.stringify(flow)})`)).toMatchObject({
      status: 'signed_in',
    })
    await site.advance(16 * 60_000)
    // Asked by `withProof`, and answered by the passkey that is there.
    const again = await run("addPasskey('Other').catch(({ name }) => name)")
    expect(again).toBe('InvalidStateError')
  })
})
