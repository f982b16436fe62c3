import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Factor, levelOf } from '../assurance/index.ts'
import type { AccountStatus } from '../users/index.ts'
import { decide, type SignInFacts } from './decide.ts'

const active = { status: 'active', lockedUntil: null } as const
const facts: SignInFacts = {
  now: 1_000,
  account: active,
  proven: ['pwd'],
  requiredLevel: 1,
  secondFactor: false,
  trusted: false,
  challengeDue: false,
  heldBack: undefined,
  blocked: null,
}

const states = [
  ...['active', 'active', 'active', 'active', 'active', 'active'],
  ...['pending', 'locked', 'disabled'],
] as readonly AccountStatus[]
const proofs: readonly (readonly Factor[])[] = [
  [],
  ['pwd'],
  ['pwd', 'otp'],
  ['pwd', 'recovery'],
  ['passkey'],
  ['passkey'],
  ['pwd', 'key'],
  ['pwd', 'otp'],
  ['key'],
  ['otp', 'otp'],
  ['otp', 'pwd', 'otp'],
]

const anyFacts: fc.Arbitrary<SignInFacts> = fc.record({
  now: fc.constant(1_000),
  account: fc.option(
    fc.record({
      status: fc.constantFrom(...states),
      lockedUntil: fc.constantFrom(null, 999, 1_000, 1_001),
    }),
    { nil: undefined, freq: 9 },
  ),
  proven: fc.constantFrom(...proofs),
  requiredLevel: fc.constantFrom(1, 2),
  secondFactor: fc.boolean(),
  trusted: fc.nat(3).map((draw) => draw === 0),
  challengeDue: fc.nat(19).map((draw) => draw === 0),
  heldBack: fc.constantFrom(
    ...Array.from({ length: 27 }, () => undefined),
    ...(['throttled', 'exhausted', 'locked'] as const),
  ),
  blocked: fc.constantFrom(
    ...Array.from({ length: 18 }, () => null),
    ...(['forced', 'reported'] as const),
  ),
})

describe('the decision about a sign-in', () => {
  it('no session before every required factor is proven, and none for whom may hold none', () => {
    const counts = { issued: 0, refused: 0 }
    fc.assert(
      fc.property(anyFacts, (given) => {
        const decision = decide(given)
        if (decision.do !== 'issue') {
          counts.refused += 1
          return
        }
        counts.issued += 1
        const { account, challengeDue, heldBack, requiredLevel, secondFactor, trusted } = given
        expect(challengeDue).toBe(false)
        expect(heldBack).toBeUndefined()
        expect(given.blocked).not.toBe('reported')
        const proven = given.proven.filter((factor) => factor !== 'pwd' || !given.blocked)
        expect(account?.status === 'active' || (account?.lockedUntil ?? 9_999) <= 1_000).toBe(true)
        expect(['active', 'locked']).toContain(account?.status)
        const kinds = new Set(proven.map((factor) => (factor === 'pwd' ? 'knows' : 'has')))
        const two = kinds.size === 2 || proven.includes('passkey')
        expect(proven.includes('pwd') || proven.includes('passkey')).toBe(true)
        if (requiredLevel === 2 || (secondFactor && !trusted)) expect(two).toBe(true)
        expect(decision.level).toBe(two ? 2 : 1)
      }),
      { numRuns: 20_000, seed: 2 },
    )
    console.log(`decisions: ${JSON.stringify(counts)}`)
    expect(Math.min(counts.issued, counts.refused)).toBeGreaterThan(6_000)
  })

  it('the same factor is not counted twice', () => {
    expect(levelOf(['pwd', 'pwd'])).toBe(1)
    expect(levelOf(['otp', 'otp'])).toBe(1)
    expect(levelOf(['otp', 'recovery'])).toBe(1)
    expect(levelOf(['pwd', 'otp'])).toBe(2)
    expect(levelOf(['passkey'])).toBe(2)
    expect(levelOf([])).toBe(0)
  })

  it('an enrolled factor is asked for, whatever policy demands', () => {
    const enrolled = { ...facts, secondFactor: true }
    expect(decide(enrolled)).toEqual({ do: 'ask_factor' })
    const done = { do: 'issue', level: 2 }
    expect(decide({ ...enrolled, proven: ['pwd', 'otp'] })).toMatchObject(done)
    expect(decide({ ...enrolled, proven: ['pwd', 'key'] })).toMatchObject(done)
    expect(decide({ ...enrolled, proven: ['passkey'] })).toMatchObject(done)
  })

  it('one that is demanded and missing is enrolled first', () => {
    expect(decide({ ...facts, requiredLevel: 2 })).toEqual({ do: 'ask_enrolment' })
  })

  it('a trusted browser is spared what its owner chose, never what policy demands', () => {
    const trusted = { ...facts, secondFactor: true, trusted: true }
    expect(decide(trusted)).toMatchObject({ do: 'issue', level: 1 })
    expect(decide({ ...trusted, requiredLevel: 2 })).toEqual({ do: 'ask_factor' })
    expect(decide({ ...trusted, proven: ['key'] })).toMatchObject({ do: 'deny' })
    expect(decide({ ...trusted, blocked: 'forced' })).toMatchObject({ do: 'deny' })
  })

  it('a second factor is no first one', () => {
    for (const proven of [['otp'], ['recovery'], ['key'], ['otp', 'key']] as const) {
      expect(decide({ ...facts, proven })).toMatchObject({ do: 'deny' })
      expect(decide({ ...facts, proven, secondFactor: true })).toMatchObject({ do: 'deny' })
    }
    const blocked = { ...facts, blocked: 'forced', proven: ['pwd', 'otp'] } as const
    expect(decide(blocked)).toEqual({ do: 'deny', reason: 'credential_blocked' })
  })

  it('each refusal has its own reason for the record', () => {
    const reasonOf = (change: Partial<SignInFacts>) => {
      const decision = decide({ ...facts, ...change })
      return decision.do === 'deny' ? decision.reason : decision.do
    }
    expect(reasonOf({ account: undefined })).toBe('unknown_account')
    expect(reasonOf({ proven: [] })).toBe('wrong_credential')
    expect(reasonOf({ account: { status: 'disabled', lockedUntil: null } })).toBe(
      'account_disabled',
    )
    expect(reasonOf({ account: { status: 'disabled', lockedUntil: 1 } })).toBe('account_disabled')
    expect(reasonOf({ account: { status: 'locked', lockedUntil: null } })).toBe('account_locked')
    expect(reasonOf({ account: { status: 'locked', lockedUntil: 1_001 } })).toBe('account_locked')
    expect(reasonOf({ account: { status: 'locked', lockedUntil: 1_000 } })).toBe('issue')
    expect(reasonOf({ account: { status: 'pending', lockedUntil: null } })).toBe('ask_verification')
    expect(reasonOf({ account: { status: 'pending', lockedUntil: null }, proven: [] })).toBe(
      'wrong_credential',
    )
    expect(reasonOf({ requiredLevel: 2 })).toBe('ask_enrolment')
    expect(reasonOf({ challengeDue: true, account: undefined })).toBe('challenge')
    expect(reasonOf({ heldBack: 'throttled' })).toBe('throttled')
    expect(reasonOf({ heldBack: 'exhausted' })).toBe('credential_exhausted')
    expect(reasonOf({ heldBack: 'locked' })).toBe('credential_locked')
    expect(reasonOf({ heldBack: 'locked', account: undefined })).toBe('credential_locked')
    expect(reasonOf({ blocked: 'forced' })).toBe('credential_blocked')
    expect(reasonOf({ blocked: 'forced', proven: [] })).toBe('wrong_credential')
    expect(reasonOf({ blocked: 'forced', proven: ['passkey'] })).toBe('issue')
    expect(reasonOf({ blocked: 'reported', proven: ['passkey'] })).toBe('credential_blocked')
  })
})
