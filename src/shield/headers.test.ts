import fc from 'fast-check'
import helmet from 'helmet'
import { describe, expect, it } from 'vitest'
import type { HeaderConfig } from '../config/index.ts'
import { systemRandom } from '../ports/index.ts'
import { compileHeaders } from './headers.ts'
import { compileCsp, defaultDirectives, renderCsp } from './headers-csp.ts'
import { NoncePool } from './headers-nonce.ts'

const standard: HeaderConfig = {
  contentSecurityPolicy: { directives: {}, reportOnly: false, reports: true },
  hsts: { maxAgeMs: 31_536_000_000, includeSubDomains: true, preload: false },
  frameOptions: 'DENY',
  referrerPolicy: 'strict-origin-when-cross-origin',
  permissionsPolicy: {},
  crossOriginOpenerPolicy: 'same-origin',
  crossOriginResourcePolicy: 'same-origin',
  crossOriginEmbedderPolicy: false,
  contentTypeOptions: 'nosniff',
  xssProtection: '0',
  originAgentCluster: '?1',
  dnsPrefetchControl: 'off',
  permittedCrossDomainPolicies: 'none',
  authenticatedCaching: 'no-store',
}

function headersOf(
  change: Partial<HeaderConfig> = {},
  facts: { secure?: boolean; authenticated?: boolean } = {},
): Record<string, string> {
  const list = compileHeaders({ ...standard, ...change }).forResponse({
    secure: facts.secure ?? true,
    authenticated: facts.authenticated ?? false,
    nonce: () => 'N0nce',
  })
  const pairs = Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i], list[2 * i + 1]])
  expect(new Set(pairs.map(([name]) => name)).size).toBe(pairs.length)
  return Object.fromEntries(pairs)
}

/** What helmet sends for the same wishes. */
function helmetHeaders(options: Parameters<typeof helmet>[0]): Record<string, string> {
  const sent: Record<string, string> = {}
  const response = {
    setHeader(name: string, value: string) {
      sent[name.toLowerCase()] = value
    },
    removeHeader: () => {},
  }
  helmet(options)({} as never, response as never, () => {})
  return sent
}

describe('the default headers', () => {
  it('are all there', () => {
    expect(Object.keys(headersOf()).sort()).toEqual([
      ...['content-security-policy', 'cross-origin-opener-policy', 'cross-origin-resource-policy'],
      ...['origin-agent-cluster', 'permissions-policy', 'referrer-policy'],
      ...['strict-transport-security', 'x-content-type-options', 'x-dns-prefetch-control'],
      ...['x-frame-options', 'x-permitted-cross-domain-policies', 'x-xss-protection'],
    ])
  })

  it('say what helmet says where both speak of the same', () => {
    const theirs = helmetHeaders({
      contentSecurityPolicy: false,
      frameguard: { action: 'deny' },
      referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
      xDownloadOptions: false,
    })
    expect(Object.keys(theirs).length).toBeGreaterThan(8)
    expect(headersOf()).toMatchObject(theirs)
  })

  it('allow scripts by the nonce of the response, and what those load', () => {
    expect(headersOf()['content-security-policy']).toBe(
      "default-src 'none'; script-src 'nonce-N0nce' 'strict-dynamic'; style-src 'self' 'nonce-N0nce'; " +
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; media-src 'self'; " +
        "manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; " +
        "frame-ancestors 'none'; require-trusted-types-for 'script'; upgrade-insecure-requests",
    )
  })

  it('never hold unsafe-inline, unsafe-eval or a wildcard', () => {
    const policy = headersOf()['content-security-policy']
    expect(policy).not.toMatch(/unsafe|\*|https?:(?!\/)/)
  })

  it('send HSTS and upgrade requests on HTTPS alone', () => {
    const plain = headersOf({}, { secure: false })
    expect(plain['strict-transport-security']).toBeUndefined()
    expect(plain['content-security-policy']).not.toContain('upgrade-insecure-requests')
    const hsts = { maxAgeMs: 1_999, includeSubDomains: false, preload: true }
    expect(headersOf({ hsts })['strict-transport-security']).toBe('max-age=1; preload')
  })

  it('keep answers of signed-in people out of every cache', () => {
    expect(headersOf({}, { authenticated: true })['cache-control']).toBe('no-store')
    expect(headersOf()['cache-control']).toBeUndefined()
  })

  it('close the features that no page needs', () => {
    expect(headersOf()['permissions-policy']).toContain(
      'camera=(), display-capture=(), geolocation=()',
    )
  })
})

describe('an option given alone', () => {
  it('changes its own directive and leaves the others', () => {
    const directives = { 'img-src': ["'self'", 'https://cdn.example'], 'media-src': false } as const
    const policy = headersOf({
      contentSecurityPolicy: { directives, reportOnly: false, reports: true },
    })
    const before = headersOf()['content-security-policy'] ?? ''
    expect(policy['content-security-policy']).toBe(
      before
        .replace("img-src 'self' data:", "img-src 'self' https://cdn.example")
        .replace("media-src 'self'; ", ''),
    )
  })

  it('opens one feature and leaves the others closed', () => {
    const value = headersOf({
      permissionsPolicy: { geolocation: ['self', 'https://maps.example'] },
    })['permissions-policy']
    expect(value).toContain('camera=()')
    expect(value).toContain('geolocation=(self "https://maps.example")')
  })

  it.each([
    [{ contentSecurityPolicy: false }, 'content-security-policy'],
    [{ hsts: false }, 'strict-transport-security'],
    [{ frameOptions: false }, 'x-frame-options'],
    [{ referrerPolicy: false }, 'referrer-policy'],
    [{ permissionsPolicy: false }, 'permissions-policy'],
    [{ crossOriginOpenerPolicy: false }, 'cross-origin-opener-policy'],
    [{ crossOriginResourcePolicy: false }, 'cross-origin-resource-policy'],
  ] as const)('%j switches off that header alone, and the relaxations name it', (change, name) => {
    const { [name]: gone, ...rest } = headersOf()
    expect(gone).toBeDefined()
    expect(headersOf(change)).toEqual(rest)
    expect(compileHeaders({ ...standard, ...change }).disabled).toEqual([name])
  })

  it('nothing is called switched off that is on', () => {
    expect(compileHeaders(standard).disabled).toEqual([])
  })

  it('any set of them leaves every other control on', () => {
    const one = (value: object) => fc.constantFrom({}, value)
    const some = fc
      .tuple(
        one({ frameOptions: 'SAMEORIGIN' }),
        one({ hsts: false }),
        one({ permissionsPolicy: { usb: ['self'] } }),
        one({ referrerPolicy: 'no-referrer' }),
        one({
          contentSecurityPolicy: {
            directives: { 'font-src': false },
            reportOnly: false,
            reports: true,
          },
        }),
      )
      .map((list) => Object.assign({}, ...list) as Partial<HeaderConfig>)
    fc.assert(
      fc.property(some, (change) => {
        const expected = Object.keys(headersOf()).filter(
          (name) => !(change.hsts === false && name === 'strict-transport-security'),
        )
        const headers = headersOf(change)
        expect(Object.keys(headers)).toEqual(expected)
        expect(headers['content-security-policy']).toContain("script-src 'nonce-N0nce'")
        expect(headers['permissions-policy']).toContain('camera=()')
      }),
    )
  })
})

describe('reporting', () => {
  it('alone goes out under its own name, with the nonce', () => {
    const headers = headersOf({
      contentSecurityPolicy: { directives: {}, reportOnly: true, reports: true },
    })
    expect(headers['content-security-policy']).toBeUndefined()
    expect(headers['content-security-policy-report-only']).toContain("'nonce-N0nce'")
    expect(headers['content-security-policy-report-only']).not.toContain('upgrade-insecure')
  })
})

describe('what cannot be a header is refused when it is compiled', () => {
  it.each([
    {
      contentSecurityPolicy: {
        directives: { 'img-src': ["'self'; script-src *"] },
        reportOnly: false,
        reports: true,
      },
    },
    {
      contentSecurityPolicy: {
        directives: { 'img-src': ['a b'] },
        reportOnly: false,
        reports: true,
      },
    },
    {
      contentSecurityPolicy: {
        directives: { 'img-src': ['a,b'] },
        reportOnly: false,
        reports: true,
      },
    },
    {
      contentSecurityPolicy: {
        directives: { 'img-src': ['a\r\nx: y'] },
        reportOnly: false,
        reports: true,
      },
    },
    {
      contentSecurityPolicy: { directives: { 'image-src': [] }, reportOnly: false, reports: true },
    },
    { contentSecurityPolicy: { directives: { imgSrc: [] }, reportOnly: false, reports: true } },
    {
      contentSecurityPolicy: {
        directives: {},
        reportOnly: false,
        reports: true,
        reportUri: 'x; script-src *',
      },
    },
    { referrerPolicy: 'a\r\nset-cookie: b=c' },
    { crossOriginOpenerPolicy: '' },
    { permissionsPolicy: { 'camera=*, usb': [] } },
    { permissionsPolicy: { camera: ['https://a.example")'] } },
  ])('%j', (change) => {
    expect(() => compileHeaders({ ...standard, ...change })).toThrow(
      expect.objectContaining({ code: 'header_invalid' }),
    )
  })
})

describe('nonces', () => {
  it('are fresh for every response: 144 random bits in base64', () => {
    const pool = new NoncePool(systemRandom)
    const seen = new Set(Array.from({ length: 5_000 }, () => pool.next()))
    expect(seen.size).toBe(5_000)
    for (const nonce of seen) expect(nonce).toMatch(/^[A-Za-z0-9+/]{24}$/)
  })

  it('are the random bytes and nothing else', () => {
    let drawn = Buffer.alloc(0)
    const pool = new NoncePool({
      bytes: (length) => {
        const bytes = Buffer.from(systemRandom.bytes(length))
        drawn = Buffer.concat([drawn, bytes])
        return bytes
      },
    })
    const text = Array.from({ length: 300 }, () => pool.next()).join('')
    expect(Buffer.from(text, 'base64').equals(drawn.subarray(0, 300 * 18))).toBe(true)
  })

  it('are asked for once a response, and not at all by a policy without one', () => {
    let asked = 0
    const facts = { secure: true, authenticated: false, nonce: () => String(++asked) }
    const headers = compileHeaders(standard)
    expect(headers.forResponse(facts)[1]?.match(/nonce-1'/g)).toHaveLength(2)
    expect(headers.forResponse(facts)[1]?.match(/nonce-2'/g)).toHaveLength(2)
    const directives = { 'script-src': ["'self'"], 'style-src': ["'self'"] }
    compileHeaders({
      ...standard,
      contentSecurityPolicy: { directives, reportOnly: false, reports: true },
    }).forResponse(facts)
    expect(asked).toBe(2)
  })

  it('a list belongs to its response: changing one changes no other', () => {
    const headers = compileHeaders(standard)
    const facts = { secure: true, authenticated: true, nonce: () => 'x' }
    const first = headers.forResponse(facts)
    const before = [...first]
    first.fill('spoilt')
    expect(headers.forResponse(facts)).toEqual(before)
  })

  it('stand wherever a directive asks for one', () => {
    const template = compileCsp({ 'style-src': false, 'connect-src': ["'nonce'"] })
    expect(renderCsp(template, () => 'Q')).toContain("connect-src 'nonce-Q'")
    expect(renderCsp(template, () => 'Q').match(/nonce-Q/g)).toHaveLength(2)
    expect(Object.isFrozen(defaultDirectives)).toBe(true)
  })
})
