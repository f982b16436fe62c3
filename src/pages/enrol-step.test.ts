import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { becomeMember, openSite, password, type Site } from '../../test/pages/site.ts'
import {
  appCode,
  codesOn,
  flowOn,
  keyOn,
  type SeenPage,
  totp,
  Visitor,
} from '../../test/pages/visitor.ts'
import { SoftwareAuthenticator } from '../../test/passkeys/authenticator.ts'

let site: Site
let email = ''
let count = 0
let visitor: Visitor
let choice: SeenPage

beforeAll(async () => {
  site = await openSite({ mfa: { required: 'everyone' } })
})
beforeEach(async () => {
  email = `person${++count}@example.com`
  await becomeMember(site, email)
  visitor = new Visitor(site)
  choice = await visitor.signIn(email)
})
afterAll(() => site?.close())

const flowForm = () => ({ flow: flowOn(choice), next: '/app' })
const begin = () => visitor.post('/account/sign-in/enrol/app', flowForm())
const finish = (code: string) =>
  visitor.post('/account/sign-in/enrol/app/code', { ...flowForm(), code })

describe('setting up a second factor on the way in', () => {
  it('is offered instead of a session, by app and by passkey', async () => {
    expect(choice.html).toContain('<h1>Set up two-step verification</h1>')
    expect(choice.html).toContain('Lantern &amp; Sons requires two-step verification')
    expect(choice.html).toContain('Sign in as somebody else')
    expect(choice.html).toContain('Set up an app')
    expect(choice.html).toContain('data-passkey="create"')
    expect(choice.html).not.toContain(password)
    expect(await visitor.isSignedIn()).toBe(false)
  })

  it('shows the secret as a picture with a name and as a key in groups of four', async () => {
    const page = await begin()
    expect(page.html).toMatch(/<svg class="qr" role="img" aria-label="QR code[^"]+"/)
    expect(keyOn(page.html)).toMatch(/^([A-Z2-7]{4} )+[A-Z2-7]{2,4}$/)
    expect(page.html).toContain(`Account: ${email}.`)
    expect(page.html).toMatch(/href="otpauth:\/\/totp\/[^"]+"/)
    expect(page.headers.get('cache-control')).toBe('no-store')
  })

  it('signs in by the first code and shows recovery codes once, then leads on', async () => {
    const done = await finish(appCode(site, keyOn((await begin()).html)))
    expect(done.status).toBe(200)
    expect(done.html).toContain('<h1>Your recovery codes</h1>')
    expect(codesOn(done.html)).toHaveLength(10)
    expect(done.html).toContain('href="/app">I have kept them</a>')
    expect(await visitor.isSignedIn()).toBe(true)
    expect(visitor.cookies.has('__Host-hf_flow')).toBe(false)
  })

  it('explains the clock of the telephone after a wrong code, and shows the secret no more', async () => {
    const key = keyOn((await begin()).html)
    const page = await finish(totp(key, site.clock.now() + 10 * 60_000))
    expect(page.status).toBe(401)
    expect(page.html).toContain('This code was not accepted.')
    expect(page.html).toContain('Is the clock of your phone right?')
    expect(page.html).toContain('<details open>')
    expect(keyOn(page.html)).toBe(key)
    expect(page.html).toContain('<svg class="qr"')
    expect(await visitor.isSignedIn()).toBe(false)
    expect((await finish(appCode(site, key))).status).toBe(200)
  })

  it('can begin anew with another secret, and go back to the choice', async () => {
    const first = keyOn((await begin()).html)
    const second = keyOn((await begin()).html)
    expect(second).not.toBe(first)
    const again = await visitor.post('/account/sign-in/enrol', flowForm())
    expect(again.html).toContain('<h1>Set up two-step verification</h1>')
    expect((await finish(appCode(site, second))).status).toBe(200)
  })

  it('is opened again by its addresses, and begins nothing by it', async () => {
    const open = async (end: string) => {
      const page = await visitor.get(`/account/sign-in/enrol${end}?next=%2Fapp`)
      return page.location || /<h1>([^<]+)/.exec(page.html)?.[1]
    }
    expect(await open('')).toBe('Set up two-step verification')
    expect(await open('/passkey')).toBe('/account/sign-in/enrol?next=%2Fapp')
    const key = keyOn((await begin()).html)
    for (const end of ['/app', '/app/code']) {
      expect(await open(end)).toBe('Set up your authenticator app')
    }
    const again = await visitor.get('/account/sign-in/enrol/app')
    expect(keyOn(again.html)).toBe(key)
    const thief = await new Visitor(site).get('/account/sign-in/enrol/app')
    expect(thief.html).not.toContain(key)
    expect((await visitor.get('/account/sign-in/code')).location).toMatch(
      /^\/account\/sign-in\/enrol/,
    )
    expect((await finish(appCode(site, key))).status).toBe(200)
  })

  it('ends with the password again after five wrong codes', async () => {
    await begin()
    const statuses = []
    for (let guess = 0; guess < 5; guess += 1) statuses.push((await finish('000000')).status)
    expect(statuses).toEqual([401, 401, 401, 401, 303])
    expect((await begin()).location).toMatch(/notice=flow-ended/)
  })

  it('is done by a passkey as well', async () => {
    const { json } = await visitor.json('/auth/login/enrol/passkey/options', flowForm())
    expect(json.title).toBe('Unknown field')
    const { flow } = flowForm()
    const given = await visitor.json('/auth/login/enrol/passkey/options', { flow })
    const authenticator = new SoftwareAuthenticator()
    const response = JSON.stringify(authenticator.create(given.json.options, site.url))
    const done = await visitor.post('/account/sign-in/enrol/passkey', { ...flowForm(), response })
    expect(codesOn(done.html)).toHaveLength(10)
    expect(await visitor.isSignedIn()).toBe(true)
  })

  it('that no passkey answered shows the choice again', async () => {
    const page = await visitor.post('/account/sign-in/enrol/passkey', {
      ...flowForm(),
      response: '',
    })
    expect(page.status).toBe(401)
    expect(page.html).toContain('This passkey was not accepted.')
    expect(await visitor.isSignedIn()).toBe(false)
  })

  it.each(['', 'app', 'app/code', 'passkey'])(
    'goes on in the browser that began it alone: %s',
    async (step) => {
      const thief = new Visitor(site)
      const address = `/account/sign-in/enrol${step && `/${step}`}`
      const fields = { ...flowForm(), ...(step === 'app/code' ? { code: '000000' } : {}) }
      const page = await thief.post(address, fields)
      expect(page.location).toMatch(/^\/account\/sign-in\?notice=flow-ended/)
      expect(page.html).toBe('')
    },
  )
})
