import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readCommonPasswords } from './common-passwords.ts'

const common = readCommonPasswords()
const vector = (name: string) =>
  readFileSync(new URL(`../../test/vectors/passwords/${name}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')

/** Printable characters, the same in every run. */
function seededText(length: number): string {
  const bytes = createHash('shake256', { outputLength: length * 2 })
    .update('strong')
    .digest()
  const printable = bytes.map((byte) => byte % 128).filter((byte) => byte >= 32 && byte < 127)
  return Buffer.from(printable).toString('latin1')
}

/** Passwords of 15 to 24 random characters. */
function strongPasswords(count: number): string[] {
  const text = seededText(count * 24)
  return Array.from({ length: count }, (_, at) => text.slice(24 * at, 24 * at + 15 + (at % 10)))
}

describe('the common-password filter', () => {
  it.each(['top-3000-min8.txt', 'top-3000-min15.txt'])('refuses 3,000 of 3,000 of %s', (name) => {
    const list = vector(name)
    expect(list).toHaveLength(3_000)
    expect(list.filter((password) => !common.has(password))).toEqual([])
  })

  it('refuses them in capitals and in any case', () => {
    const mixed = (text: string) =>
      [...text].map((one, at) => (at % 2 ? one.toUpperCase() : one.toLowerCase())).join('')
    for (const password of vector('top-3000-min15.txt')) {
      expect(common.has(password.toUpperCase())).toBe(true)
      expect(common.has(mixed(password))).toBe(true)
    }
  })

  it('takes at most 1 in 10,000 of 100,000 random strong passwords for common', () => {
    const strong = strongPasswords(100_000)
    expect(new Set(strong).size).toBe(100_000)
    expect(strong.every(({ length }) => length >= 15)).toBe(true)
    const refused = strong.filter((password) => common.has(password))
    expect(refused.length).toBeLessThanOrEqual(10)
  })

  it('compares the whole password, not words inside it', () => {
    const list = vector('top-3000-min15.txt')
    const longer = list.filter((password) => common.has(`${password} kettle ribbon 7`))
    expect(longer.length).toBeLessThanOrEqual(1)
    for (const password of ['correct horse battery staple', ' password1', 'password1 ']) {
      expect(common.has(password)).toBe(false)
    }
  })
})
