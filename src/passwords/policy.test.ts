import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { commonErrors, SecurityError, toProblem } from '../errors/index.ts'
import { silentLogger, systemClock } from '../ports/index.ts'
import { refuseWeak } from './errors.ts'
import { PasswordPolicy, type PasswordPolicyOptions, type PasswordVerdict } from './policy.ts'

const base = {
  minLength: 15,
  maxLength: 256,
  minScore: 3,
  clock: systemClock,
  logger: silentLogger,
}
const policy = new PasswordPolicy(base)
afterAll(() => policy.close())

const codesOf = (verdict: PasswordVerdict) =>
  verdict.ok ? ['ok'] : verdict.reasons.map(({ code }) => code)
const check = async (password: string, words: readonly string[] = []) =>
  codesOf(await policy.check(password, words))

/** A policy that sees form alone, and what reaches the judge. */
function formOnly(options: Partial<PasswordPolicyOptions> = {}) {
  const judged: string[] = []
  const strength = {
    judge: async ({ password }: { password: string }) => {
      judged.push(password)
      return { score: 4, isCommon: false, warning: undefined }
    },
    close: async () => {},
  }
  const form = new PasswordPolicy({ ...base, strength, ...options })
  return { judged, check: async (password: string) => codesOf(await form.check(password, [])) }
}

describe('the password policy', () => {
  it.each([
    'correct horse battery staple',
    '   spaces at both ends   ',
    "O'Brien -- <script>alert(1)</script>",
    '\u043a\u043e\u0440\u043e\u0432\u0430 \u043b\u0435\u0442\u0438\u0442 \u043d\u0430 \u043b\u0443\u043d\u0443',
    '\u725b\u5728\u6708\u4eae\u4e0a\u98de\u5f97\u5f88\u9ad8\u554a\u4e0d\u662f\u5417\u670b\u53cb',
    'nul \u0000 and bell \u0007 inside',
    '__proto__ constructor \u{1f511}',
  ])('accepts %j', async (password) => {
    expect(await check(password)).toEqual(['ok'])
  })

  it('tells the score of what it accepts', async () => {
    expect(await policy.check('correct horse battery staple', [])).toEqual({ ok: true, score: 4 })
  })

  it.each<[string, string]>([
    ['', 'password_too_short'],
    ['xK9$mQ2!vL7#nR', 'password_too_short'],
    ['tp'.repeat(9), 'password_guessable'],
    ['passwordstandard', 'password_common'],
    ['Q1W2E3R4T5Y6U7I8O9P0', 'password_common'],
    ['xK9$mQ2!'.repeat(33), 'password_too_long'],
    ['xK9$mQ2!vL7#nR4&\ud800', 'password_invalid'],
    ['\udc00\ud800'.repeat(10), 'password_invalid'],
  ])('refuses %j: %s', async (password, code) => {
    expect(await check(password)).toEqual([code])
  })

  it('counts the words of the account for nothing', async () => {
    const password = 'Zebedee-Quintrell-77'
    expect(await check(password)).toEqual(['ok'])
    expect(await check(password, ['zebedee@quintrell.example'])).toEqual(['password_guessable'])
  })

  it('counts code points after NFC, at both ends', async () => {
    const form = formOnly()
    expect(await form.check('\u{1f511}'.repeat(14))).toEqual(['password_too_short'])
    expect(await form.check('\u{1f511}'.repeat(15))).toEqual(['ok'])
    expect(await form.check('e\u0301'.repeat(14))).toEqual(['password_too_short'])
    expect(await form.check('e\u0301'.repeat(256))).toEqual(['ok'])
    expect(await form.check('e\u0301'.repeat(257))).toEqual(['password_too_long'])
    expect(await form.check('\u{1f511}'.repeat(257))).toEqual(['password_too_long'])
    expect(await form.check('x'.repeat(10_000_000))).toEqual(['password_too_long'])
    expect(form.judged[1]).toBe('\u00e9'.repeat(256))
  })

  it('counts spaces, and trims none', async () => {
    const form = formOnly()
    expect(await form.check(`${' '.repeat(7)}x${' '.repeat(7)}`)).toEqual(['ok'])
    expect(await form.check(`${' '.repeat(7)}x${' '.repeat(6)}`)).toEqual(['password_too_short'])
    expect(form.judged).toEqual([`${' '.repeat(7)}x${' '.repeat(7)}`])
  })

  it('takes 8 code points where a second factor is required', async () => {
    const short = new PasswordPolicy({ ...base, minLength: 8 })
    const codes = async (password: string) => codesOf(await short.check(password, []))
    expect(await codes('xK9$mQ2')).toEqual(['password_too_short'])
    // zxcvbn gives no eight characters more than 2: a password of eight passes with minScore 2.
    expect(await codes('xK9$mQ2!')).toEqual(['password_guessable'])
    expect(await codes('xK9$mQ2!v')).toEqual(['ok'])
    expect(await codes('trustno1')).toEqual(['password_common'])
    await short.close()
  })

  it('knows a common password in another Unicode form and case', async () => {
    for (const password of ['PASSWORDSTANDARD', 'PasswordStandard'.normalize('NFD')]) {
      expect(await policy.check(password, [])).toMatchObject({
        ...{ ok: false, score: 0, reasons: [{ code: 'password_common' }] },
      })
    }
  })

  it('refuses no well-formed text for what it holds', async () => {
    const form = formOnly()
    const text = fc.string({ unit: 'binary', minLength: 15, maxLength: 80 })
    await fc.assert(
      fc.asyncProperty(text, async (password) => {
        fc.pre([...password.normalize('NFC')].length >= 15)
        expect(await form.check(password)).toEqual(['ok'])
      }),
    )
  })

  it('answers anything within its own words', async () => {
    const text = fc.oneof(
      fc.string({ maxLength: 90 }),
      fc.string({ unit: 'binary', maxLength: 90 }),
    )
    await fc.assert(
      fc.asyncProperty(text, fc.array(text, { maxLength: 3 }), async (password, words) => {
        const verdict = await policy.check(password, words)
        if (verdict.ok) return
        expect(verdict.reasons).toHaveLength(1)
        for (const { code, detail, suggestion } of verdict.reasons) {
          expect(code).toMatch(/^password_/)
          expect(detail.length).toBeGreaterThan(10)
          expect(suggestion.length).toBeGreaterThan(10)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('accepts nothing that could not be judged', async () => {
    const judge = async () => {
      throw commonErrors.unavailable()
    }
    const ours = new PasswordPolicy({ ...base, strength: { judge, close: async () => {} } })
    await expect(ours.check('correct horse battery staple', [])).rejects.toMatchObject({
      code: 'unavailable',
    })
  })

  it('follows its options', async () => {
    const short = formOnly({ minLength: 8, maxLength: 64 })
    expect(await short.check('12345678')).toEqual(['ok'])
    expect(await short.check('x'.repeat(65))).toEqual(['password_too_long'])
    const weak = { score: 2, isCommon: false, warning: 'unheard of' }
    const strength = { judge: async () => weak, close: async () => {} }
    const verdict = async (minScore: number) =>
      codesOf(await new PasswordPolicy({ ...base, minScore, strength }).check('x'.repeat(15), []))
    expect(await verdict(2)).toEqual(['ok'])
    expect(await verdict(3)).toEqual(['password_guessable'])
  })

  it('counts the words of the service for nothing, also beside many of the account', async () => {
    const ours = new PasswordPolicy({ ...base, serviceWords: ['Zebedee Quintrell'] })
    const many = Array.from({ length: 70 }, (_, at) => `w${at}`)
    const codes = codesOf(await ours.check('Zebedee-Quintrell-77', many))
    expect(codes).toEqual(['password_guessable'])
    await ours.close()
  })

  it.each([
    { minLength: 7 },
    { minLength: 65 },
    { minLength: 12.5 },
    { maxLength: 63 },
    { maxLength: 513 },
    { minScore: 5 },
    { minScore: -1 },
    { minScore: Number.NaN },
  ])('is not made with %j', (options) => {
    expect(() => new PasswordPolicy({ ...base, ...options })).toThrow(TypeError)
  })
})

describe('breaches', () => {
  /** A policy that asks a list of one, and what it was asked. */
  function asking(strength = { score: 4, isCommon: false, warning: undefined }) {
    const asked: string[] = []
    const breaches = {
      isBreached: async (password: string) => {
        asked.push(password)
        return password === 'caf\u00e9 with the breach'
      },
      close: () => {},
    }
    const judge = { judge: async () => strength, close: async () => {} }
    return { asked, policy: new PasswordPolicy({ ...base, strength: judge, breaches }) }
  }

  it('are asked for last, in NFC, and refuse with a score of nothing', async () => {
    const { asked, policy } = asking()
    expect(await policy.check('cafe\u0301 with the breach', [])).toMatchObject({
      ...{ ok: false, score: 0, reasons: [{ code: 'password_breached' }] },
    })
    expect(await policy.check('caf\u00e9 without a breach', [])).toEqual({ ok: true, score: 4 })
    expect(asked).toEqual(['caf\u00e9 with the breach', 'caf\u00e9 without a breach'])
  })

  it.each([
    { score: 4, isCommon: true, warning: undefined },
    { score: 2, isCommon: false, warning: undefined },
  ])('are not asked about what is refused anyway: %j', async (strength) => {
    const { asked, policy } = asking(strength)
    expect((await policy.check('caf\u00e9 with the breach', [])).ok).toBe(false)
    expect((await policy.check('short', [])).ok).toBe(false)
    expect(asked).toEqual([])
  })
})

describe('refuseWeak', () => {
  it('lets a good password pass', () => {
    expect(() => refuseWeak({ ok: true, score: 4 })).not.toThrow()
  })

  it('answers 400 with the reason and a way out at the field, and never the password', async () => {
    const password = 'aliceexample2024aliceexample'
    const verdict = await policy.check(password, ['alice@example.com'])
    let thrown: unknown
    try {
      refuseWeak(verdict)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(SecurityError)
    const { status, body } = toProblem(thrown)
    expect(status).toBe(400)
    expect(body.code).toBe('weak_password')
    expect(body.errors).toEqual([
      {
        pointer: '#/body/password',
        code: 'password_guessable',
        detail: expect.stringMatching(/count for nothing\. Use a few unrelated words/),
      },
    ])
    expect(JSON.stringify(body)).not.toContain('alice')
  })

  it('points where it is told', () => {
    const reasons = [{ code: 'password_invalid', detail: 'a', suggestion: 'b' }] as const
    expect(() => refuseWeak({ ok: false, score: 0, reasons }, '#/body/newPassword')).toThrow(
      expect.objectContaining({
        extras: {
          faults: [{ pointer: '#/body/newPassword', code: 'password_invalid', detail: 'a b' }],
        },
      }),
    )
  })
})
