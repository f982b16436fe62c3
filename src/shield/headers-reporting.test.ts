import { afterEach, describe, expect, it } from 'vitest'
import { openSite, type Site, signIn } from '../../test/pages/site.ts'
import type { HeaderOptions, SecurityOptions } from '../config/index.ts'
import { optionsFromEnv, resolveConfig } from '../config/index.ts'
import { createTestSecurity } from '../testing/index.ts'
import { compileHeaders } from './headers.ts'

const report = 'content-security-policy-report-only'
const enforced = 'content-security-policy'
const masterKey = Buffer.from('an example key, of 32 bytes, of a test').toString('base64url')

function headersOf(csp: HeaderOptions['contentSecurityPolicy'], secure = true) {
  const options = { mode: 'development', baseUrl: 'http://localhost:3000', masterKey } as const
  const config = resolveConfig({
    ...options,
    database: 'sqlite::memory:',
    headers: csp === undefined ? {} : { contentSecurityPolicy: csp },
  })
  let made = 0
  const list = compileHeaders(config.headers, { reportsTo: '/csp-reports' }).forResponse({
    ...{ secure, authenticated: false, page: true },
    nonce: () => `n${++made}`,
  })
  const pairs = Array.from({ length: list.length / 2 }, (_, at) => [list[2 * at], list[2 * at + 1]])
  return Object.fromEntries(pairs) as Record<string, string>
}

describe('violations are reported', () => {
  it('to us by both ways over HTTPS, unless the options say otherwise', () => {
    const headers = headersOf({})
    expect(headers[enforced]).toContain('report-uri /csp-reports; report-to csp')
    expect(headers['reporting-endpoints']).toBe('csp="/csp-reports"')
  })

  it('by report-uri alone without HTTPS, where browsers send nothing to what report-to names', () => {
    const headers = headersOf({}, false)
    expect(headers[enforced]).toContain('report-uri /csp-reports')
    expect(headers[enforced]).not.toContain('report-to')
    expect(headers['reporting-endpoints']).toBeUndefined()
  })

  it('to an address of your own instead', () => {
    const headers = headersOf({ reportUri: 'https://reports.example/csp' })
    expect(headers[enforced]).toContain('report-uri https://reports.example/csp; report-to csp')
    expect(headers['reporting-endpoints']).toBe('csp="https://reports.example/csp"')
  })

  it('to what CSP_REPORT_URI names, and a bad one stops the start', () => {
    const { options } = optionsFromEnv({ CSP_REPORT_URI: 'https://reports.example/csp' })
    const headers = headersOf(options.headers?.contentSecurityPolicy)
    expect(headers['reporting-endpoints']).toBe('csp="https://reports.example/csp"')
    expect(() => optionsFromEnv({ CSP_REPORT_URI: 'http://reports.example' })).toThrow(
      'CSP_REPORT_URI must begin with',
    )
  })

  it('to nobody with reports: false', () => {
    const headers = headersOf({ reports: false })
    expect(headers[enforced]).not.toContain('report-')
    expect(headers['reporting-endpoints']).toBeUndefined()
  })
})

describe('who is told where to report', () => {
  let site: Site
  afterEach(() => site?.close())

  it.each([
    [{ accept: 'text/html,*/*' }, true],
    [{ 'sec-fetch-dest': 'document' }, true],
    [{ 'sec-fetch-dest': 'worker', accept: '*/*' }, true],
    [{ 'sec-fetch-dest': 'empty', accept: '*/*' }, false],
    [{ accept: 'application/json' }, false],
  ] as const)('%j: %j', async (headers, reports) => {
    site = await openSite({ headers: { contentSecurityPolicy: { candidate: {} } } })
    const answer = await site.get('/app', headers)
    expect(answer.headers.get(enforced)).toContain("default-src 'none'")
    expect(answer.headers.get(enforced)?.includes('report-uri /csp-reports')).toBe(reports)
    expect(answer.headers.has(report)).toBe(reports)
  })
})

describe('a candidate', () => {
  const directives = { 'script-src': ["'self'", "'unsafe-inline'"] }

  it('is sent beside the policy that holds, as changes of ours and with the same nonce', () => {
    const headers = headersOf({ directives, candidate: { directives: { 'img-src': ["'self'"] } } })
    expect(headers[enforced]).toContain("script-src 'self' 'unsafe-inline'")
    expect(headers[enforced]).toContain("img-src 'self' data:")
    expect(headers[enforced]).toContain("style-src 'self' 'nonce-n1'")
    expect(headers[report]).toContain("script-src 'nonce-n1' 'strict-dynamic'")
    expect(headers[report]).toContain("img-src 'self';")
    expect(headers[report]).toContain('report-uri /csp-reports; report-to csp')
  })

  it('holds no directive that browsers refuse in a policy on trial', () => {
    const headers = headersOf({ candidate: {} })
    expect(headers[enforced]).toContain('upgrade-insecure-requests')
    expect(headers[report]).not.toContain('upgrade-insecure-requests')
  })

  it.each([
    [{ reportOnly: true, candidate: {} }, 'Remove one of them'],
    [{ candidate: {}, reports: false }, 'reports go nowhere'],
    [{ reportOnly: true, reports: false }, 'reports go nowhere'],
    [{ candidate: { directives: { 'img-src': ['a; b'] } } }, 'must be one source'],
  ])('%j is refused at the start', (csp, told) => {
    expect(() => headersOf(csp)).toThrow(told)
  })

  it('with a directive that does not exist is refused at the start', () => {
    const candidate = { directives: { 'image-src': [] } }
    expect(() => headersOf({ candidate })).toThrow(
      expect.objectContaining({ code: 'header_invalid' }),
    )
  })
})

describe('answers to whoever showed a credential', () => {
  let site: Site
  afterEach(() => site?.close())

  async function cachingOf(headers: SecurityOptions['headers']) {
    site = await openSite(headers === undefined ? {} : { headers })
    await site.security.users.create({
      email: 'ada@example.com',
      password: 'lantern marble orchard 41',
    })
    const cookie = await signIn(site, 'ada@example.com')
    const caching = async (path: string) =>
      (await site.get(path, { cookie })).headers.get('cache-control')
    return [await caching('/app'), await caching('/auth/me'), await caching('/account')]
  }

  it('are kept by no cache', async () => {
    expect(await cachingOf(undefined)).toEqual(['no-store', 'no-store', 'no-store'])
  })

  it.each([
    [false, null],
    ['private, no-cache', 'private, no-cache'],
  ] as const)('of the app follow authenticatedCaching: %j, ours never', async (option, sent) => {
    const caching = await cachingOf({ authenticatedCaching: option })
    expect(caching).toEqual([sent, 'no-store', 'no-store'])
    expect(site.security.relaxations.map(({ option }) => option)).toContain(
      'headers.authenticatedCaching',
    )
  })
})

it('a candidate is no relaxation, and reports to nobody are one', async () => {
  const told = async (contentSecurityPolicy: HeaderOptions['contentSecurityPolicy']) => {
    const headers = { contentSecurityPolicy: contentSecurityPolicy ?? {} }
    const { close, security } = await createTestSecurity({ headers })
    await close()
    return security.relaxations.map(({ option }) => option).filter((one) => one.includes('Policy'))
  }
  expect(await told({ candidate: {} })).toEqual([])
  expect(await told({ reports: false })).toEqual(['headers.contentSecurityPolicy.reports'])
})
