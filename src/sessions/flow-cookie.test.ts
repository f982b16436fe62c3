import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { newToken } from '../crypto/index.ts'
import type { CookieMode, Exchange } from '../http/index.ts'
import { systemRandom } from '../ports/index.ts'
import { browserOf, SessionCookies } from './cookies.ts'

const cookiesIn = (mode: CookieMode) =>
  new SessionCookies({ mode, absoluteMs: () => 1_000, deviceKey: randomBytes(32) })
const cookies = cookiesIn('host')
const token = newToken(systemRandom)
const exchange = (headers: Record<string, string>) => ({ headers }) as unknown as Exchange
const browser = { origin: 'https://app.example.com' }

describe('a flow cookie', () => {
  it('is a host cookie of its time alone, and can be taken back', () => {
    expect(cookies.flowCookie(token, 300)).toBe(
      `__Host-hf_flow=${token}; Path=/; Max-Age=300; HttpOnly; Secure; SameSite=Lax`,
    )
    expect(cookies.clearBegun().join('\n')).toMatch(
      /^__Host-hf_flow=; Path=\/; Max-Age=0;.*\n__Host-hf_step=; Path=\/; Max-Age=0;/,
    )
    expect(cookiesIn('insecure-localhost').flowCookie(token, 300)).toBe(
      `hf_flow=${token}; Path=/; Max-Age=300; HttpOnly; SameSite=Lax`,
    )
  })

  it('goes with every new session of a browser, and with every end of one', () => {
    for (const set of [cookies.set('session', {}), cookies.set('cookie', {}), cookies.clear()]) {
      const gone = ['__Host-hf_flow=; Path=/; Max-Age=0', '__Host-hf_step=; Path=/; Max-Age=0']
      for (const start of gone) expect(set.some((line) => line.startsWith(start))).toBe(true)
    }
    expect(cookies.set('body', {})).toEqual([])
  })

  it.each(['', 'x', `${token}x`, 'agent:curl/8.0'])('that holds %j is none', (value) => {
    const sent = exchange({ ...browser, cookie: `__Host-hf_flow=${value}` })
    expect(cookies.flow(sent)).toBeUndefined()
    expect(browserOf(sent, cookies)).toBeUndefined()
  })
})

describe('what a sign-in or a challenge is bound to', () => {
  it('is the cookie of a browser, and of one without it nothing', () => {
    const cookie = `__Host-hf_flow=${token}`
    expect(browserOf(exchange({ ...browser, cookie }), cookies)).toBe(token)
    expect(browserOf(exchange({ cookie }), cookies)).toBe(token)
    expect(browserOf(exchange({ ...browser, 'user-agent': 'curl/8.0' }), cookies)).toBeUndefined()
    const twice = `${cookie}; __Host-hf_flow=${newToken(systemRandom)}`
    expect(browserOf(exchange({ ...browser, cookie: twice }), cookies)).toBeUndefined()
  })

  it('is the user agent of a native client, which is no token', () => {
    expect(browserOf(exchange({ 'user-agent': 'app/2.1' }), cookies)).toBe('agent:app/2.1')
    expect(browserOf(exchange({}), cookies)).toBe('agent:')
    expect(browserOf(exchange({ 'user-agent': token }), cookies)).not.toBe(token)
  })
})
