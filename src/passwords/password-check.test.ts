import { describe, expect, it } from 'vitest'
import { Limits } from '../limits/index.ts'
import { silentLogger, systemClock } from '../ports/index.ts'
import { PasswordCheck } from './password-check.ts'
import { PasswordPolicy } from './policy.ts'

/** A policy whose judge answers when the test says so. */
function open() {
  const waiting: (() => void)[] = []
  const strength = {
    judge: async () => {
      await new Promise<void>((resolve) => waiting.push(resolve))
      return { score: 4, isCommon: false, warning: undefined }
    },
    close: async () => {},
  }
  const bounds = { minLength: 15, maxLength: 256, minScore: 3 }
  const policy = new PasswordPolicy({
    ...bounds,
    clock: systemClock,
    logger: silentLogger,
    strength,
  })
  const window = { points: 100, windowMs: 60_000 }
  const limits = new Limits({
    clock: systemClock,
    policies: [{ name: 'password_check', ...window, store: 'memory' }],
  })
  return { waiting, policy, check: new PasswordCheck({ policy, limits }) }
}

const input = { password: 'correct horse battery staple' }

describe('checks for forms', () => {
  it('take eight places at most, so that passwords that are being set find one', async () => {
    const { check, policy, waiting } = open()
    const running = Array.from({ length: 8 }, () => check.judge(input, 'client'))
    await expect(check.judge(input, 'another client')).rejects.toMatchObject({
      ...{ code: 'unavailable', status: 503, extras: { retryAfter: 1 } },
    })
    const setting = policy.check(input.password, [])
    for (const go of waiting) go()
    expect(await setting).toEqual({ ok: true, score: 4 })
    for (const verdict of await Promise.all(running)) expect(verdict.ok).toBe(true)
  })

  it('give their place back, also when they are refused', async () => {
    const { check, waiting } = open()
    for (let round = 0; round < 10; round++) {
      expect((await check.judge({ password: 'short' }, 'client')).ok).toBe(false)
    }
    const verdict = check.judge(input, 'client')
    await Promise.resolve()
    await Promise.resolve()
    for (const go of waiting) go()
    expect((await verdict).ok).toBe(true)
  })
})
