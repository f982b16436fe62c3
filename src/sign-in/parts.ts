import type { Access } from '../access/index.ts'
import type { PasswordHasher } from '../crypto/index.ts'
import type { Database } from '../database/index.ts'
import type { Devices } from '../devices/index.ts'
import type { Origin, Recorder } from '../events/index.ts'
import type { Captcha, Clock, Random } from '../ports/index.ts'
import type { AccessTokens, Transport } from '../sessions/index.ts'
import type { IssuerParts } from '../sessions/issue.ts'
import type { Throttle } from '../throttle/index.ts'
import type { GuessBudget } from './guess-budget.ts'

export interface SignInParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly hasher: PasswordHasher
  readonly budget: GuessBudget
  readonly throttle: Throttle
  readonly devices: Devices
  /** Undefined where no proof of being human is ever asked for. */
  readonly captcha: Captcha | undefined
  /** Failures after which it is asked for. */
  readonly captchaAfter: number
  readonly issuing: IssuerParts
  readonly tokens: AccessTokens
  readonly access: Access
  readonly clock: Clock
  readonly random: Random
  readonly csrfToken: (sessionId: string) => string
  /** See `sign-up/password-tag.ts`. */
  readonly passwordTag: (password: string) => number
}

/** One attempt to sign in with a password. */
export interface PasswordSignIn {
  /** E-mail address or username, as typed. */
  readonly identifier: string
  readonly password: string
  /** Solution of the challenge that an earlier attempt was answered with. */
  readonly captcha?: string | undefined
  readonly transport: Transport
  /** Tokens of the device cookie, once their tags were verified. */
  readonly devices: readonly string[]
  /** What the client's limits are kept by. */
  readonly clientKey: string
  readonly origin: Origin
}
