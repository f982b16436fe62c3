import { hashToken, isTokenShaped } from '../crypto/index.ts'
import { SecurityError } from '../errors/index.ts'
import type { Auth } from '../http/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { type AccessTokens, isUnknownKey, type VerifiedAccessToken } from './access-token.ts'
import type { Activity } from './activity.ts'
import { challenges, sessionErrors } from './errors.ts'
import type { Verdict, Verdicts } from './verdict.ts'

export interface AuthenticatorParts {
  readonly tokens: AccessTokens
  readonly verdicts: Verdicts
  readonly activity: Activity
  readonly revocations: Revocations
  readonly clock: Clock
}

export interface Presented {
  readonly token: string
  /** Marked by the client with `X-Background: 1`: does not count as the person's activity. */
  readonly background: boolean
}

type Outcome = Auth | SecurityError

/**
 * Turns a presented credential into its caller. Answers at once when token and session are
 * remembered, which is the usual request; a database that is away or state that cannot be confirmed
 * ends in 503, never in a guess.
 */
export class Authenticator {
  readonly #parts: AuthenticatorParts

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts
  }

  /** The answer for a token that was verified before; undefined for one never seen. */
  recallBearer(presented: Presented): Outcome | Promise<Outcome> | undefined {
    const known = this.#parts.tokens.recall(presented.token)
    return known && this.#session(known, presented)
  }

  /** Verifies a token, which is dear when it was never seen: the caller limits that. */
  bearer(presented: Presented): Outcome | Promise<Outcome> {
    const verified =
      this.#parts.tokens.recall(presented.token) ?? this.#parts.tokens.verify(presented.token)
    if (!(verified instanceof SecurityError)) return this.#session(verified, presented)
    return isUnknownKey(verified) ? this.#afterReload(presented) : verified
  }

  /** The answer for a session cookie that this node remembers, or that cannot be one of ours. */
  recallCookie(presented: Presented): Outcome | undefined {
    const { clock, verdicts } = this.#parts
    if (!isTokenShaped(presented.token)) return invalid()
    const known = verdicts.recallToken(hashToken(presented.token), clock.now())
    return known && this.#admit(known, presented)
  }

  /** The opaque session cookie of server-rendered apps; reads the database when it is not known. */
  cookie(presented: Presented): Outcome | Promise<Outcome> {
    const known = this.recallCookie(presented)
    if (known) return known
    return this.#parts.verdicts
      .load({ tokenHash: hashToken(presented.token) })
      .then((verdict) => this.#admit(verdict, presented))
  }

  /**
   * When this caller must be judged again, in epoch milliseconds: whoever keeps a connection open
   * beyond the request that made it closes it then. Idle time is not part of it: it depends on
   * requests yet to come.
   */
  expiresAt(auth: Auth): number {
    return this.#parts.verdicts.expiresAt(auth)
  }

  #session(token: VerifiedAccessToken, presented: Presented): Outcome | Promise<Outcome> {
    const { clock, verdicts } = this.#parts
    const known = verdicts.recall(token.sessionId, clock.now())
    if (known) return this.#admit(known, presented, token)
    return verdicts
      .load({ sessionId: token.sessionId })
      .then((verdict) => this.#admit(verdict, presented, token))
  }

  async #afterReload(presented: Presented): Promise<Outcome> {
    const verified = await this.#parts.tokens.verifyWithReload(presented.token)
    return verified instanceof SecurityError ? verified : this.#session(verified, presented)
  }

  /** A token made before the last proof stays as it is, old and low: whoever copied it proved nothing. */
  #admit(verdict: Verdict, presented: Presented, token?: VerifiedAccessToken): Outcome {
    const { activity, clock, revocations, verdicts } = this.#parts
    if (!revocations.fresh) return sessionErrors.revocation_unconfirmed({ retryAfter: 1 })
    if (!verdict.ok) return verdict.error()
    if (token && token.userId !== verdict.auth.userId) return invalid()
    if (!presented.background) activity.touch(verdict, clock.now())
    return token ? verdicts.authAsOf(verdict, token) : verdict.auth
  }
}

const invalid = () => sessionErrors.token_invalid({ headers: challenges.invalid })
