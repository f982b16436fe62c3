import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { newToken } from '../crypto/index.ts'
import type { Exchange } from '../http/index.ts'
import { systemRandom } from '../ports/index.ts'
import { SessionCookies } from './cookies.ts'

const cookiesWith = (deviceKey: Uint8Array) =>
  new SessionCookies({ mode: 'host', absoluteMs: () => 1_000, deviceKey })
const cookies = cookiesWith(randomBytes(32))
const token = newToken(systemRandom)

function signedBy(by: SessionCookies, tokens: readonly string[] = [token]): string {
  const line = by.set('cookie', { devices: tokens }).find((one) => one.includes('hf_device')) ?? ''
  return /^__Host-hf_device=([^;]+);/.exec(line)?.[1] ?? ''
}

const read = (value: string) =>
  cookies.devices({ headers: { cookie: `__Host-hf_device=${value}` } } as unknown as Exchange)

describe('a device cookie', () => {
  const value = signedBy(cookies)

  it('is a token with a tag, and gives the token back', () => {
    expect(value).toMatch(/^[\w-]{43}\.[\w-]{22}$/)
    expect(read(value)).toEqual([token])
  })

  it('holds at most four devices, the newest first', () => {
    const six = [token, ...Array.from({ length: 5 }, () => newToken(systemRandom))]
    const four = signedBy(cookies, six)
    expect(read(four)).toEqual(six.slice(0, 4))
    const fifth = signedBy(cookies, six.slice(4, 5))
    for (const wrong of [`${four}~${fifth}`, `${value}~${value}`, `${value}~`, `~${value}`, '~']) {
      expect(read(wrong), wrong).toEqual([])
    }
    expect(read(`${fifth}~${value}`)).toEqual([six[4], token])
  })

  it('of another key, or with any character changed, cut or added, is none', () => {
    const changed = [...value].map((character, at) => {
      const other = character === 'A' ? 'B' : 'A'
      return value.slice(0, at) + other + value.slice(at + 1)
    })
    const cut = [...value].map((_, at) => value.slice(0, at))
    const added = [`${value}A`, `${value}.A`, `${value}.`, `A${value}`, `.${value}`, token, '.']
    for (const wrong of [...changed, ...cut, ...added, signedBy(cookiesWith(randomBytes(32)))]) {
      expect(read(wrong), wrong).toEqual([])
    }
  })
})
