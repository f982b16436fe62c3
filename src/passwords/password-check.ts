import { commonErrors } from '../errors/index.ts'
import { type Limits, rateLimited } from '../limits/index.ts'
import type { PasswordPolicy, PasswordVerdict } from './policy.ts'
import { passwordWords } from './words.ts'

/** What a form knows: the password and the words of whoever fills it in. */
export interface PasswordCheckInput {
  readonly password: string
  readonly email?: string | undefined
  readonly username?: string | undefined
  readonly displayName?: string | undefined
  readonly companyName?: string | undefined
}

export interface PasswordCheckParts {
  readonly policy: PasswordPolicy
  readonly limits: Limits
}

/** Of the sixteen places before the strength thread; the others are for passwords that are being set. */
const mostAtOnce = 8

/**
 * Judges a password for a form, before anything is set. It sees what the caller says and nothing
 * else, so it tells nothing about any account, and nothing of it is recorded or logged.
 */
export class PasswordCheck {
  readonly #parts: PasswordCheckParts
  #running = 0

  constructor(parts: PasswordCheckParts) {
    this.#parts = parts
  }

  /** Throws `rate_limited` (429) for a client that asks too often, `unavailable` (503) when too many do. */
  async judge(input: PasswordCheckInput, clientKey: string): Promise<PasswordVerdict> {
    const verdict = await this.#parts.limits.consume('password_check', clientKey)
    if (!verdict.allowed) throw rateLimited(verdict)
    if (this.#running >= mostAtOnce) throw commonErrors.unavailable({ retryAfter: 1 })
    const { companyName, displayName, email, password, username } = input
    const words = passwordWords([email, username, displayName, companyName])
    this.#running += 1
    try {
      return await this.#parts.policy.check(password, words)
    } finally {
      this.#running -= 1
    }
  }
}
