import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acrOf, amrOf, type Factor, levelOf, levelOfAcr, requiredLevel } from './assurance.ts'

const all: readonly Factor[] = ['pwd', 'otp', 'recovery', 'passkey', 'key']
const someFactors = fc.array(fc.constantFrom(...all), { maxLength: 6 })

describe('the level of what was proven', () => {
  it.each<[readonly Factor[], 0 | 1 | 2]>([
    [[], 0],
    [['pwd'], 1],
    [['pwd', 'pwd'], 1],
    [['otp', 'recovery', 'key'], 1],
    [['pwd', 'otp'], 2],
    [['pwd', 'recovery'], 2],
    [['pwd', 'key'], 2],
    [['passkey'], 2],
  ])('%j is %i', (proven, level) => {
    expect(levelOf(proven)).toBe(level)
  })

  it('rests on distinct kinds: repeating a proof, in any order, raises nothing', () => {
    fc.assert(
      fc.property(someFactors, (proven) => {
        expect(levelOf([...proven, ...proven].reverse())).toBe(levelOf(proven))
      }),
    )
  })

  it('is named in acr, and anything that is not ours is the lowest', () => {
    expect([levelOfAcr(acrOf(1)), levelOfAcr(acrOf(2))]).toEqual([1, 2])
    fc.assert(
      fc.property(fc.anything(), (acr) => {
        expect(levelOfAcr(acr)).toBe(acr === 'urn:holdfast:aal2' ? 2 : 1)
      }),
    )
  })
})

describe('amr', () => {
  it.each<[readonly Factor[], readonly string[]]>([
    [['pwd'], ['pwd']],
    [
      ['pwd', 'otp', 'recovery'],
      ['pwd', 'otp', 'mfa'],
    ],
    [['passkey'], ['swk', 'user', 'mfa']],
    [['key'], ['swk', 'user']],
  ])('of %j is %j (RFC 8176)', (proven, words) => {
    expect(amrOf(proven)).toEqual(words)
  })
})

describe('what policy demands', () => {
  const rules = { required: 'optional', roles: ['manager'], graceMs: 100 } as const

  it.each([
    ['of others', ['user'], null, 1],
    ['of a role', ['user', 'manager'], null, 2],
    ['while the time to comply runs', ['manager'], 1_001, 1],
    ['when it has ended', ['manager'], 1_000, 2],
  ])('%s', (_, roles, dueAt, level) => {
    expect(requiredLevel(rules, { roles, dueAt, now: 1_000 })).toBe(level)
  })

  it('of everyone is of whoever holds no role, and without a grace no instant helps', () => {
    const everyone = { required: 'everyone', roles: [] } as const
    expect(requiredLevel(everyone, { roles: [], dueAt: null, now: 0 })).toBe(2)
    expect(requiredLevel(everyone, { roles: [], dueAt: 9_999, now: 0 })).toBe(2)
  })
})
