import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemRandom } from '../ports/index.ts'
import { hashToken, isTokenShaped, newToken } from './token.ts'

describe('a token', () => {
  it('is 256 random bits in 43 characters', () => {
    const fixed = { bytes: (length: number) => new Uint8Array(length).fill(0xff) }
    expect(newToken(fixed)).toBe(`${'_'.repeat(42)}8`)
    expect(Buffer.from(newToken(systemRandom), 'base64url')).toHaveLength(32)
  })

  it('never comes twice', () => {
    const tokens = Array.from({ length: 1_000 }, () => newToken(systemRandom))
    expect(new Set(tokens).size).toBe(1_000)
    expect(tokens.every(isTokenShaped)).toBe(true)
  })

  it('is stored as its SHA-256', () => {
    const token = newToken(systemRandom)
    expect(hashToken(token)).toBe(createHash('sha256').update(token).digest('base64url'))
    expect(hashToken(token)).not.toContain(token)
  })

  it.each([
    '',
    'A'.repeat(42),
    'A'.repeat(44),
    `${'A'.repeat(42)}B`,
    `${'A'.repeat(42)}=`,
    `${'A'.repeat(42)}A\n`,
    `${'A'.repeat(41)}+A`,
    ` ${'A'.repeat(43)}`,
    43,
    undefined,
    null,
    ['A'.repeat(43)],
  ])('has a shape that %j has not', (text) => {
    expect(isTokenShaped(text)).toBe(false)
  })
})
