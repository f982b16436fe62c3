import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { CredentialKind } from '../http/index.ts'
import { type CsrfFacts, checkCrossSite, checkCsrf, csrfToken } from './csrf.ts'

const own = 'https://shop.example'
const friend = 'https://app.example'
const key = randomBytes(32)
const session = '01980000-0000-7000-8000-000000000001'

const facts = (change: Partial<CsrfFacts>): CsrfFacts => ({
  method: 'POST',
  credential: 'cookie',
  secFetchSite: undefined,
  origin: undefined,
  ownOrigin: own,
  allowedOrigins: [friend],
  token: undefined,
  expected: () => csrfToken(key, session),
  ...change,
})

const unsafe = ['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE', 'post', 'TRACE'] as const
const safe = ['GET', 'HEAD', 'OPTIONS'] as const
const sites = [
  undefined,
  'same-origin',
  'none',
  'same-site',
  'cross-site',
  'Same-Origin',
  '',
] as const
const origins = [undefined, own, friend, 'null', 'https://evil.example', `${own}.evil`, ''] as const

/** The rule in words of its own, for every combination: site first, then origin, then the token. */
function mayPass(site: string | undefined, origin: string | undefined, token: boolean): boolean {
  if (site !== undefined) return ['same-origin', 'none'].includes(site) || origin === friend
  if (origin !== undefined) return [own, friend].includes(origin)
  return token
}

describe.each(unsafe)('%s with a cookie', (method) => {
  for (const secFetchSite of sites) {
    for (const origin of origins) {
      for (const withToken of [true, false]) {
        const passes = mayPass(secFetchSite, origin, withToken)
        const given = `site ${secFetchSite}, origin ${origin}, ${withToken ? 'token' : 'no token'}`
        it(`${given}: ${passes ? 'passes' : 'is refused'}`, () => {
          const token = withToken ? csrfToken(key, session) : undefined
          expect(checkCsrf(facts({ method, secFetchSite, origin, token })).ok).toBe(passes)
        })
      }
    }
  }
})

it.each(safe)('%s changes nothing and passes whatever the headers say', (method) => {
  for (const secFetchSite of sites) {
    for (const origin of origins) {
      expect(checkCsrf(facts({ method, secFetchSite, origin })).ok).toBe(true)
      expect(checkCrossSite(facts({ method, secFetchSite, origin })).ok).toBe(true)
    }
  }
})

it.each(['bearer', 'none'] satisfies CredentialKind[])(
  'credential %s is never sent unasked, so it passes',
  (credential) => {
    for (const secFetchSite of sites) {
      expect(checkCsrf(facts({ credential, secFetchSite, origin: 'null' })).ok).toBe(true)
    }
  },
)

describe('the token', () => {
  const refusal = (token: string | undefined) => {
    const verdict = checkCsrf(facts({ token }))
    return verdict.ok ? undefined : verdict.reason
  }

  it('belongs to one session and one key', () => {
    const right = csrfToken(key, session)
    expect(right).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(refusal(right)).toBeUndefined()
    expect(refusal(csrfToken(key, session.replace('1', '2')))).toBe('token_wrong')
    expect(refusal(csrfToken(randomBytes(32), session))).toBe('token_wrong')
  })

  it('with any character changed, cut or added is wrong', () => {
    const right = csrfToken(key, session)
    for (let at = 0; at < right.length; at += 1) {
      const other = right[at] === 'A' ? 'B' : 'A'
      expect(refusal(right.slice(0, at) + other + right.slice(at + 1))).toBe('token_wrong')
      if (at > 0) expect(refusal(right.slice(0, at))).toBe('token_wrong')
    }
    expect(refusal(`${right}A`)).toBe('token_wrong')
    expect(refusal('')).toBe('token_missing')
    expect(refusal(undefined)).toBe('token_missing')
  })

  it('is not even computed where the headers decide', () => {
    const expected = () => {
      throw new Error('asked')
    }
    expect(checkCsrf(facts({ secFetchSite: 'cross-site', expected })).ok).toBe(false)
    expect(checkCsrf(facts({ secFetchSite: 'same-origin', expected })).ok).toBe(true)
    expect(checkCsrf(facts({ origin: own, expected })).ok).toBe(true)
  })
})

describe('a public route that changes state', () => {
  it.each(unsafe)('%s from a foreign site is refused, a cross-site sign-in too', (method) => {
    for (const secFetchSite of sites) {
      for (const origin of origins) {
        const verdict = checkCrossSite(facts({ method, secFetchSite, origin }))
        expect(verdict.ok).toBe(mayPass(secFetchSite, origin, true))
      }
    }
  })
})
