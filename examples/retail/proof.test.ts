import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Auth } from 'holdfast/express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { totp } from '../../test/pages/visitor.ts'
import { provePage } from './proof.ts'
import { Browser } from './testdata/browser.ts'
import { type Running, startRetail } from './testdata/running.ts'

const MINUTE = 60_000

describe('a fresh proof', () => {
  const auth = { level: 1, requiredLevel: 1, secondFactor: false, authTime: 0 } as Auth
  const at = (now: number, of: Partial<Auth> = {}) =>
    provePage({ ...auth, ...of }, { now, page: '/assign' })

  test('is one of the last 15 minutes', () => {
    expect(at(15 * MINUTE)).toBeUndefined()
    expect(at(15 * MINUTE + 1)).toBe('/account/prove?next=%2Fassign')
  })

  test('is one of the second factor where there is one, or where it is demanded', () => {
    const prove = '/account/prove?next=%2Fassign&level=2'
    expect(at(0, { secondFactor: true })).toBe(prove)
    expect(at(0, { requiredLevel: 2 })).toBe(prove)
    expect(at(0, { secondFactor: true, requiredLevel: 2, level: 2 })).toBeUndefined()
  })
})

describe('an administrator with a second factor', () => {
  const email = 'anna@example.com'
  const password = 'lantern orchard velvet 71'
  const order = { email: 'manager@nordlicht.example', role: 'manager', company: 'nordlicht' }
  let dataDir: string
  let retail: Running
  let codes: string[] = []

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'retail-'))
    retail = await startRetail(dataDir, { mfa: { trustedDevices: '30d' } })
    const { id } = await retail.security.users.create({ email, password })
    const place = { companyId: 'nordlicht', storeId: null }
    await retail.admit(id, place, ['admin'])
    const browser = await retail.signedIn(email, password)
    const { secret } = JSON.parse((await browser.json('/auth/mfa/totp/setup', {})).text)
    const code = totp(secret, Date.now())
    const enabled = await browser.json('/auth/mfa/totp/enable', { code })
    codes = JSON.parse(enabled.text).recoveryCodes
  })
  afterAll(async () => {
    await retail?.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  /** Signs in on the page, with a recovery code where it asks for one. */
  async function signIn(browser: Browser): Promise<void> {
    const answer = await browser.form('/account/sign-in', { identifier: email, password })
    const { location = '' } = answer.headers
    if (!location.startsWith('/account/sign-in/code')) return
    const page = await browser.get(location)
    const flow = /name="flow" value="([^"]+)"/.exec(page.text)?.[1]
    const proof = { method: 'recovery_code', code: codes.pop() ?? '', trustDevice: 'yes' }
    expect(
      (await browser.form('/account/sign-in/code', { flow: flow ?? '', ...proof })).status,
    ).toBe(303)
  }

  test('assigns after a sign-in with it; from a trusted browser she proves it first', async () => {
    const browser = new Browser(retail.origin)
    await signIn(browser)
    expect((await browser.get('/assign')).status).toBe(200)
    await browser.form('/account/sign-out', {})
    await signIn(browser)
    expect((await browser.get('/report')).status).toBe(200)

    const page = await browser.get('/assign')
    expect([page.status, page.headers.location]).toEqual([
      303,
      '/account/prove?next=%2Fassign&level=2',
    ])
    const refused = await browser.form('/assign', { ...order, store: '' })
    expect(refused.status).toBe(401)
    expect(refused.text).toContain('Nothing was assigned.')

    const proof = { method: 'recovery_code', code: codes.pop() ?? '', next: '/assign' }
    const proven = await browser.form('/account/prove', proof)
    expect([proven.status, proven.headers.location]).toEqual([303, '/assign'])
    expect((await browser.get('/assign')).status).toBe(200)
    expect((await browser.form('/assign', { ...order, store: '' })).status).toBe(303)
  })
})
