import { describe, expect, it } from 'vitest'
import { type Auth, type Exchange, newExchangeState, type RoutePolicy } from '../http/index.ts'
import { enforcePolicy, enforceStepUp } from './policy.ts'

const now = Date.UTC(2026, 0, 15)
const minuteMs = 60_000
const withinMs = 15 * minuteMs

function exchangeOf(auth: Partial<Auth> | undefined): Exchange {
  const state = newExchangeState()
  const plain = { level: 1, requiredLevel: 1, secondFactor: false, authTime: now }
  if (auth) state.auth = { ...plain, ...auth } as Auth
  return { state } as Exchange
}

function codeOf(work: () => void): string {
  try {
    work()
    return 'passes'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('a fresh proof', () => {
  it.each([
    ['just now', now, 'passes'],
    ['at the end of its time', now - withinMs, 'passes'],
    ['a moment too long ago', now - withinMs - 1, 'step_up_required'],
    ['by a node whose clock is a little ahead', now + minuteMs, 'passes'],
    ['in the future, by a clock that was set back', now + minuteMs + 1, 'step_up_required'],
    ['at no time at all', Number.NaN, 'step_up_required'],
  ])('given %s', (_, authTime, code) => {
    const exchange = exchangeOf({ authTime })
    expect(codeOf(() => enforceStepUp(exchange, { now, withinMs }))).toBe(code)
  })

  it('is asked of nobody who is not signed in', () => {
    expect(codeOf(() => enforceStepUp(exchangeOf(undefined), { now }))).toBe(
      'authentication_required',
    )
  })

  it.each([
    ['nothing', {}, { authTime: 0 }, 'passes'],
    ['level 2', { level: 2 }, {}, 'step_up_required'],
    ['level 2', { level: 2 }, { level: 2, authTime: 0 }, 'passes'],
    ['an age, of somebody with a second factor', { withinMs }, { secondFactor: true }, 'required'],
    ['an age, of a proof by both', { withinMs }, { secondFactor: true, level: 2 }, 'passes'],
    ['both', { level: 2, withinMs }, { level: 2 }, 'passes'],
    ['both', { level: 2, withinMs }, { level: 2, authTime: now - withinMs - 1 }, 'required'],
    ['both', { level: 2, withinMs }, { level: 1 }, 'required'],
    ['level 1, of a session that names none', { level: 1 }, { level: undefined }, 'required'],
  ] as const)('where the route asks for %s', (_, rule, auth, verdict) => {
    const exchange = exchangeOf(auth as Partial<Auth>)
    const code = codeOf(() => enforceStepUp(exchange, { ...rule, now }))
    expect(code).toMatch(new RegExp(`${verdict}$`))
  })

  it('is asked for with the challenge of RFC 9470 section 3, and the same in the problem', () => {
    const ask = (rule: object, auth: Partial<Auth>) => {
      try {
        enforceStepUp(exchangeOf(auth), { ...rule, now })
      } catch (error) {
        const { headers, members } = (error as { extras: { headers: object; members: object } })
          .extras
        return { headers, members }
      }
      return undefined
    }
    const start = 'Bearer error="insufficient_user_authentication", error_description='
    expect(ask({ withinMs, level: 2 }, {})).toEqual({
      headers: {
        'www-authenticate': `${start}"A more recent proof is required", acr_values="urn:holdfast:aal2", max_age="900"`,
      },
      members: { level: 2, maxAge: 900, enrol: ['totp', 'passkey'] },
    })
    expect(ask({ level: 2 }, { secondFactor: true })).toEqual({
      headers: {
        'www-authenticate': `${start}"A higher level of proof is required", acr_values="urn:holdfast:aal2"`,
      },
      members: { level: 2 },
    })
    expect(ask({ withinMs }, { authTime: 0 })).toEqual({
      headers: { 'www-authenticate': `${start}"A more recent proof is required", max_age="900"` },
      members: { level: 1, maxAge: 900, methods: ['password'] },
    })
  })
})

describe('the detail of a refused proof', () => {
  const detail = (rule: object, auth: Partial<Auth>) => {
    try {
      enforceStepUp(exchangeOf(auth), { ...rule, now })
    } catch (error) {
      return (error as { detail: string }).detail
    }
    return undefined
  }

  it.each([
    ['without a second factor where one is needed', { level: 2 }, {}, /has none. Set one up/],
    ['of a level too low', { level: 2 }, { secondFactor: true }, /^Prove one of your second/],
    [
      'too old, by a second factor',
      { withinMs },
      { secondFactor: true },
      /recent.* second factors/,
    ],
    ['too old, by the password', { withinMs }, { authTime: 0 }, /recent.* password/],
  ] as const)('%s says what to do', (_, rule, auth, said) => {
    expect(detail(rule, auth)).toMatch(said)
  })
})

describe('an API key', () => {
  const key = (auth: Partial<Auth> = {}) =>
    exchangeOf({ keyId: 'k', sessionId: '', can: () => true, ...auth })

  it.each<[RoutePolicy, string]>([
    [{ kind: 'public' }, 'passes'],
    [{ kind: 'permission', permission: 'read:orders' }, 'passes'],
    [{ kind: 'signed-in' }, 'session_required'],
    [{ kind: 'signed-in', anyLevel: true }, 'session_required'],
  ])('is asked for by the policy %j', (policy, code) => {
    expect(codeOf(() => enforcePolicy(key(), policy))).toBe(code)
  })

  it('proves nothing anew, however young it is, and never needs to hear how', () => {
    const ask = (rule: object, auth: Partial<Auth> = {}) =>
      codeOf(() => enforceStepUp(key(auth), { ...rule, now }))
    expect(ask({})).toBe('passes')
    expect(ask({ withinMs })).toBe('session_required')
    expect(ask({ level: 2 })).toBe('session_required')
    expect(ask({ level: 2 }, { level: 2 })).toBe('passes')
    const low = key({ requiredLevel: 2 })
    const policy = { kind: 'permission', permission: 'read:orders' } as const
    expect(codeOf(() => enforcePolicy(low, policy))).toBe('session_required')
  })
})

describe('below the level that policy demands of the account', () => {
  const low = (holds: boolean) => exchangeOf({ requiredLevel: 2, can: () => holds })

  it('nobody learns whether a permission is held', () => {
    const policy = { kind: 'permission', permission: 'read:orders' } as const
    for (const holds of [true, false]) {
      expect(codeOf(() => enforcePolicy(low(holds), policy))).toBe('step_up_required')
    }
    const high = exchangeOf({ level: 2, requiredLevel: 2, can: () => false })
    expect(codeOf(() => enforcePolicy(high, policy))).toBe('forbidden')
  })

  it('what works still are routes that say so', () => {
    const ask = (policy: RoutePolicy) => codeOf(() => enforcePolicy(low(false), policy))
    expect(ask({ kind: 'signed-in' })).toBe('step_up_required')
    expect(ask({ kind: 'signed-in', anyLevel: true })).toBe('passes')
    expect(codeOf(() => enforcePolicy(low(false), { kind: 'public' }))).toBe('passes')
  })
})
