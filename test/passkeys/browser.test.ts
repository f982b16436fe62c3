import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { becomeMember, openSite, password, type Site } from '../pages/site.ts'
import { describeBrowser, launchChromium } from '../services/chromium.ts'

vi.setConfig({ testTimeout: 120_000 })

interface Reply {
  readonly status: number
  readonly json: ReturnType<typeof JSON.parse>
}

interface Reader {
  readonly transport: 'usb' | 'internal'
  readonly hasUserVerification: boolean
  readonly isUserVerified: boolean
}

describeBrowser('a passkey in a real browser', () => {
  let site: Site
  let browser: Browser
  let elsewhere: Server
  let context: BrowserContext
  let page: Page
  let device: CDPSession
  let authenticatorId = ''
  let email = ''
  let people = 0

  beforeAll(async () => {
    site = await openSite()
    browser = await launchChromium()
    elsewhere = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Elsewhere</title>')
    })
    await once(elsewhere.listen(0), 'listening')
  })
  afterAll(async () => {
    await browser?.close()
    elsewhere?.close()
    await site?.close()
  })
  beforeEach(async () => {
    email = `person${++people}@example.com`
    await becomeMember(site, email)
    context = await browser.newContext()
    page = await context.newPage()
    await page.goto(`${site.url}/account/register`)
    authenticatorId = await plugIn(page)
  })
  afterEach(() => context.close())

  /** A platform authenticator with a fingerprint reader that always says yes. */
  async function plugIn(where: Page, other: Partial<Reader> = {}): Promise<string> {
    device = await context.newCDPSession(where)
    await device.send('WebAuthn.enable')
    const options = {
      protocol: 'ctap2' as const,
      transport: 'internal' as const,
      ...{ automaticPresenceSimulation: true, hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true, ...other },
    }
    const added = await device.send('WebAuthn.addVirtualAuthenticator', { options })
    return added.authenticatorId
  }

  /** A request of the page itself, with its cookies, as a front end makes it. */
  const call = (method: string, path: string, body?: unknown): Promise<Reply> =>
    page.evaluate(
      async ([verb, url, sent]) => {
        const answer = await fetch(url, {
          method: verb,
          headers: { accept: 'application/json', 'content-type': 'application/json' },
          ...(sent === '' ? {} : { body: sent }),
        })
        return { status: answer.status, json: await answer.json().catch(() => undefined) }
      },
      [method, path, body === undefined ? '' : JSON.stringify(body)] as const,
    )
  const post = (path: string, body: unknown = {}) => call('POST', path, body)

  const create = (options: object) =>
    page.evaluate(async (given) => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(given as never)
      const made = await navigator.credentials.create({ publicKey })
      return (made as PublicKeyCredential).toJSON()
    }, options)
  const sign = (options: object, on = page, mediation?: 'conditional') =>
    on.evaluate(
      async ([given, how]) => {
        const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(given as never)
        const mediate = how ? { mediation: how } : {}
        const got = await navigator.credentials.get({ publicKey, ...mediate })
        return (got as PublicKeyCredential).toJSON()
      },
      [options, mediation] as const,
    )
  const optionsOf = async (path: string, body: unknown = {}): Promise<object> => {
    const { json, status } = await post(path, body)
    expect(status, JSON.stringify(json)).toBe(200)
    return json.options
  }

  const signIn = () => post('/auth/login', { identifier: email, password, transport: 'session' })
  const signOut = async () => expect((await post('/auth/logout')).status).toBeLessThan(300)

  async function register(): Promise<Reply> {
    expect((await signIn()).json).toMatchObject({ status: 'signed_in' })
    const options = await optionsOf('/auth/passkeys/options')
    return await post('/auth/passkeys', { response: await create(options), name: 'Laptop' })
  }

  /** Whoever has a second factor proves it before the next change. */
  async function stepUp(): Promise<void> {
    const response = await sign(await optionsOf('/auth/step-up/options'))
    expect((await post('/auth/step-up', { method: 'passkey', response })).status).toBe(200)
  }

  it('is registered, with codes for the day it is lost, and signs in without a name', async () => {
    const { json, status } = await register()
    expect([status, json.passkey?.name]).toEqual([201, 'Laptop'])
    expect(json.recoveryCodes).toHaveLength(10)
    await signOut()
    const response = await sign(await optionsOf('/auth/login/passkey/options'))
    const signedIn = await post('/auth/login/passkey', { response, transport: 'session' })
    expect(signedIn).toMatchObject({ status: 200, json: { status: 'signed_in' } })
    const { json: mine } = await call('GET', '/auth/me')
    expect(JSON.stringify(mine)).toContain(email)
    const again = await post('/auth/login/passkey', { response, transport: 'session' })
    expect([again.status, again.json.code]).toEqual([401, 'invalid_credentials'])
  })

  it('is chosen from the list of the field for the name', async () => {
    await register()
    await signOut()
    const options = await optionsOf('/auth/login/passkey/options')
    const response = await sign(options, page, 'conditional')
    const signedIn = await post('/auth/login/passkey', { response, transport: 'session' })
    expect(signedIn).toMatchObject({ status: 200, json: { status: 'signed_in' } })
  })

  it('is the second factor behind a password, once a challenge', async () => {
    await register()
    await signOut()
    const first = await signIn()
    expect(first.json).toMatchObject({ status: 'mfa_required' })
    expect(first.json.methods).toContain('passkey')
    const { flow } = first.json
    const response = await sign(await optionsOf('/auth/login/mfa/options', { flow }))
    const proof = { method: 'passkey', response }
    const signedIn = await post('/auth/login/mfa', { flow, ...proof })
    expect(signedIn).toMatchObject({ status: 200, json: { status: 'signed_in' } })
    await signOut()
    const second = await signIn()
    const replayed = await post('/auth/login/mfa', { flow: second.json.flow, ...proof })
    expect([replayed.status, replayed.json.code]).toEqual([401, 'factor_rejected'])
  })

  it('is not registered twice on one device', async () => {
    await register()
    await stepUp()
    const options = await optionsOf('/auth/passkeys/options')
    await expect(create(options)).rejects.toThrow(/InvalidStateError/)
  })

  it('opens nothing once it was taken away', async () => {
    const { json } = await register()
    await stepUp()
    expect((await call('DELETE', `/auth/passkeys/${json.passkey.id}`)).status).toBe(200)
    expect((await call('GET', '/auth/passkeys')).json).toEqual({ passkeys: [] })
    await signOut()
    const response = await sign(await optionsOf('/auth/login/passkey/options'))
    const refused = await post('/auth/login/passkey', { response, transport: 'session' })
    expect([refused.status, refused.json.code]).toEqual([401, 'invalid_credentials'])
    expect((await signIn()).json).toMatchObject({ status: 'signed_in' })
  })

  it('gives a page of another origin on the same host nothing that works', async () => {
    await register()
    await signOut()
    const { credentials } = await device.send('WebAuthn.getCredentials', { authenticatorId })
    const options = await optionsOf('/auth/login/passkey/options')
    const { port } = elsewhere.address() as AddressInfo
    const lure = await context.newPage()
    await lure.goto(`http://localhost:${port}/`)
    const stolen = await plugIn(lure)
    for (const credential of credentials) {
      await device.send('WebAuthn.addCredential', { authenticatorId: stolen, credential })
    }
    const response = await sign(options, lure)
    const said = JSON.parse(Buffer.from(response.response.clientDataJSON, 'base64url').toString())
    expect(said.origin).toBe(`http://localhost:${port}`)
    const refused = await post('/auth/login/passkey', { response, transport: 'session' })
    expect([refused.status, refused.json.code]).toEqual([401, 'invalid_credentials'])
  })

  it('is not even asked for on another host', async () => {
    await register()
    const options = await optionsOf('/auth/login/passkey/options')
    const { port } = elsewhere.address() as AddressInfo
    const lure = await context.newPage()
    await lure.goto(`http://127.0.0.1:${port}/`)
    await plugIn(lure)
    await expect(sign(options, lure)).rejects.toThrow(
      /SecurityError|not a valid domain|invalid domain/,
    )
  })

  it('of a key without a PIN is refused', async () => {
    await device.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
    await plugIn(page, { transport: 'usb', hasUserVerification: false, isUserVerified: false })
    await signIn()
    const options = await optionsOf('/auth/passkeys/options')
    await expect(create(options)).rejects.toThrow(/NotAllowedError/)
    const authenticatorSelection = { residentKey: 'discouraged', userVerification: 'discouraged' }
    const response = await create({ ...options, authenticatorSelection })
    const refused = await post('/auth/passkeys', { response })
    expect([refused.status, refused.json.code]).toEqual([400, 'passkey_rejected'])
  })
})
