import { hash } from 'node:crypto'
import { acrOf, amrOf, type Factor, levelOfAcr } from '../assurance/index.ts'
import { type JwtClaims, newToken, signJwt, verifyJwt } from '../crypto/index.ts'
import { SecurityError } from '../errors/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import { challenges, sessionErrors } from './errors.ts'
import type { SigningKeys } from './signing-keys.ts'

const tokenType = 'at+jwt'
const leewaySeconds = 60
const cacheLimit = 50_000

export interface AccessTokenParts {
  readonly keys: SigningKeys
  readonly clock: Clock
  readonly random: Random
  readonly issuer: string
  readonly audience: string
  readonly lifetimeMs: number
  readonly extraClaims?: (user: {
    readonly id: string
    readonly roles: readonly string[]
  }) => Readonly<Record<string, unknown>>
}

/** What an access token says, RFC 9068: whom it speaks for and in which session, nothing personal. */
export interface AccessSubject {
  readonly userId: string
  readonly sessionId: string
  readonly roles: readonly string[]
  /** Epoch milliseconds. */
  readonly authTime: number
  readonly factors: readonly Factor[]
  readonly level: number
  readonly secretVersion: number
}

export interface VerifiedAccessToken {
  readonly userId: string
  readonly sessionId: string
  /** Whole seconds since 1970. */
  readonly expiresAt: number
  /** When the person had last proven who they are as it was made. Whole seconds since 1970. */
  readonly authTime: number
  /** The level that was proven as it was made. */
  readonly level: 1 | 2
  /** How often the secret of the session had been replaced as it was made. */
  readonly secretVersion: number
}

const reserved = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'sid',
  'auth_time',
  'amr',
  'acr',
  'sv',
  'client_id',
  'cnf',
  'scope',
  'roles',
  'permissions',
  'email',
  'act',
  'azp',
  'nonce',
])

/**
 * Mints and verifies access tokens. A verified token is remembered by its SHA-256 hash, so that a
 * request costs a look-up, the heap holds no usable token, and nobody chooses the map's keys.
 */
export class AccessTokens {
  readonly #parts: AccessTokenParts
  #recent = new Map<string, VerifiedAccessToken>()
  #older = new Map<string, VerifiedAccessToken>()

  constructor(parts: AccessTokenParts) {
    this.#parts = parts
  }

  get lifetimeSeconds(): number {
    return Math.floor(this.#parts.lifetimeMs / 1000)
  }

  mint(subject: AccessSubject): string {
    const { audience, clock, issuer, keys, random } = this.#parts
    const now = Math.floor(clock.now() / 1000)
    const claims: JwtClaims = {
      ...this.#extra(subject),
      iss: issuer,
      aud: audience,
      sub: subject.userId,
      sid: subject.sessionId,
      client_id: issuer,
      jti: newToken(random),
      iat: now,
      exp: now + this.lifetimeSeconds,
      auth_time: Math.floor(subject.authTime / 1000),
      amr: amrOf(subject.factors),
      acr: acrOf(subject.level),
      sv: subject.secretVersion,
    }
    return signJwt(keys.current(), { typ: tokenType, claims })
  }

  /** The remembered verdict on a token; undefined when it has not been seen or has run out. */
  recall(token: string): VerifiedAccessToken | undefined {
    const key = hash('sha256', token, 'base64url')
    const known = this.#recent.get(key) ?? this.#promote(key)
    return known && this.#isCurrent(known) ? known : undefined
  }

  /** Verifies a token. Costs up to 100 us, so unknown ones are limited by client before. */
  verify(token: string): VerifiedAccessToken | SecurityError {
    const { audience, clock, issuer, keys } = this.#parts
    const verdict = verifyJwt(token, {
      keys: keys.verifying,
      issuer,
      audience,
      typ: tokenType,
      nowSeconds: Math.floor(clock.now() / 1000),
      leewaySeconds,
      requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp', 'auth_time'],
    })
    if (!verdict.ok) {
      return verdict.reason === 'expired'
        ? sessionErrors.token_expired({ headers: challenges.expired })
        : sessionErrors.token_invalid({
            headers: challenges.invalid,
            cause: new Error(verdict.reason),
          })
    }
    const { claims } = verdict
    const { auth_time: authTime, exp: expiresAt, sid: sessionId, sub: userId } = claims
    const isWhole =
      typeof sessionId === 'string' && userId !== undefined && typeof authTime === 'number'
    if (!isWhole) return sessionErrors.token_invalid({ headers: challenges.invalid })
    const level = levelOfAcr(claims.acr)
    // Those of a version that wrote no `sv` were made before any secret was counted.
    const secretVersion = typeof claims.sv === 'number' ? claims.sv : 0
    const verified = { userId, sessionId, expiresAt, authTime, level, secretVersion }
    this.#remember(hash('sha256', token, 'base64url'), verified)
    return verified
  }

  /** As `verify`, once more after loading keys that another node may have made. */
  async verifyWithReload(token: string): Promise<VerifiedAccessToken | SecurityError> {
    const verdict = this.verify(token)
    if (!(verdict instanceof SecurityError) || !isUnknownKey(verdict)) return verdict
    await this.#parts.keys.refresh()
    return this.verify(token)
  }

  #extra(subject: AccessSubject): Readonly<Record<string, unknown>> {
    const extra = this.#parts.extraClaims?.({ id: subject.userId, roles: subject.roles }) ?? {}
    return Object.fromEntries(Object.entries(extra).filter(([name]) => !reserved.has(name)))
  }

  #isCurrent(known: VerifiedAccessToken): boolean {
    return this.#parts.clock.now() < (known.expiresAt + leewaySeconds) * 1000
  }

  #remember(key: string, verified: VerifiedAccessToken): void {
    if (this.#recent.size >= cacheLimit) {
      this.#older = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(key, verified)
  }

  #promote(key: string): VerifiedAccessToken | undefined {
    const known = this.#older.get(key)
    if (known) this.#remember(key, known)
    return known
  }
}

export function isUnknownKey(error: SecurityError): boolean {
  return error.cause instanceof Error && error.cause.message === 'unknown_key'
}
