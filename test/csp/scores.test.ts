import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SecurityOptions } from '../../src/index.ts'
import { scoreOf } from './observatory.ts'
import { type PagesSite, pagesSites, person } from './sites.ts'

/** As behind a proxy that speaks TLS. */
const online: Partial<SecurityOptions> = {
  ...{
    baseUrl: 'https://shop.example',
    mode: 'production',
    trustedProxies: ['127.0.0.0/8', '::1'],
  },
  limits: { general: { points: 100_000 }, account: { points: 100_000 } },
}
const byTls = { 'x-forwarded-proto': 'https', accept: 'text/html' }
/** The Cookie header of somebody who signed in by the form. */
async function signIn(origin: string): Promise<string> {
  const response = await fetch(`${origin}/account/sign-in`, {
    method: 'POST',
    headers: { ...byTls, origin: 'https://shop.example' },
    body: new URLSearchParams(person),
    redirect: 'manual',
  })
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
  expect(cookies.length).toBeGreaterThan(0)
  return cookies.join('; ')
}

/** Findings of csp_evaluator that are high or may be: severities 10 to 20 and 40. */
function highFindings(policy: string): string[] {
  const csp = new CspParser(policy).csp
  return new CspEvaluator(csp)
    .evaluate()
    .filter(({ severity }) => severity <= 40)
    .map(({ description, directive, severity }) => `${severity} ${directive}: ${description}`)
}

describe.each(pagesSites)('%s', (_name, open, paths) => {
  let pages: PagesSite
  let session: string
  beforeAll(async () => {
    pages = await open(online)
    session = await signIn(pages.origin)
  }, 60_000)
  afterAll(() => pages?.close())

  it.each(paths)('%s scores at least 130 and has no high finding', async (path) => {
    for (const cookie of ['', session]) {
      const headers = { ...byTls, ...(cookie === '' ? {} : { cookie }) }
      const response = await fetch(`${pages.origin}${path}`, { headers, redirect: 'manual' })
      expect([200, 303, 400, 401, 403]).toContain(response.status)
      const { modifiers, score } = scoreOf(response.headers, await response.text())
      expect(score, JSON.stringify(modifiers)).toBeGreaterThanOrEqual(130)
      expect(highFindings(response.headers.get('content-security-policy') ?? '')).toEqual([])
    }
  })
})

describe('the scoring', () => {
  const score = (headers: Record<string, string>, html = '') =>
    scoreOf(new Headers(headers), html).modifiers

  it('finds no merit in an answer without headers', () => {
    // 100, without CSP -25, HSTS -20, frames -20 and content type -5.
    expect(scoreOf(new Headers(), '').score).toBe(30)
  })

  it.each([
    ["default-src 'none'", 10],
    ["default-src 'self'", 5],
    ["default-src 'none'; style-src 'unsafe-inline'", 0],
    ["default-src 'none'; script-src 'unsafe-inline'", -20],
    ["default-src 'none'; script-src 'nonce-x' 'unsafe-inline'", 10],
    ["default-src 'none'; script-src 'strict-dynamic'", -25],
    ["default-src 'none'; script-src 'nonce-x' 'strict-dynamic' https:", 10],
    ["default-src 'none'; script-src https:", -20],
    ["default-src 'none'; script-src 'self' 'unsafe-eval'", -10],
    ["default-src 'none'; connect-src http://a.example", -20],
    ["default-src 'none'; img-src http://a.example", -10],
    ["script-src 'self'", -20],
  ])('%s: %d', (policy, modifier) => {
    expect(score({ 'content-security-policy': policy }).csp).toBe(modifier)
  })

  it('csp_evaluator finds what ours must not have', () => {
    expect(highFindings("default-src 'none'; script-src 'unsafe-inline'")).not.toEqual([])
    expect(highFindings('default-src *')).not.toEqual([])
  })
})
