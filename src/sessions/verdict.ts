import type { Access, PermissionSet } from '../access/index.ts'
import { type AssuranceRules, type Factor, requiredLevel } from '../assurance/index.ts'
import type { Database } from '../database/index.ts'
import { json } from '../database/index.ts'
import type { SecurityError } from '../errors/index.ts'
import type { Auth } from '../http/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Revocation, RevocationListener } from '../revocation/index.ts'
import { hasSecondFactor, mayHoldSession } from '../users/index.ts'
import type { AccessSubject, VerifiedAccessToken } from './access-token.ts'
import { challenges, sessionErrors } from './errors.ts'
import { findSessionById, findSessionByToken, type SessionFacts } from './store.ts'
import type { SessionRow } from './table.ts'

const cacheLimit = 50_000
const mostReads = 5

/** What a node knows of a live session. Only `lastActivityAt` changes while it is remembered. */
export interface LiveSession {
  readonly ok: true
  readonly auth: Auth
  readonly permissions: PermissionSet
  readonly row: SessionRow
  /** That of its account. */
  readonly realm: string
  readonly factors: readonly Factor[]
  readonly idleMs: number
  /** The instant from which this must be read again: absolute end or the end of a role. */
  readonly validUntil: number
  lastActivityAt: number
}

export interface DeadSession {
  readonly ok: false
  readonly userId: string | undefined
  readonly tokenHash: string | null
  readonly error: () => SecurityError
}

export type Verdict = LiveSession | DeadSession

/** How a session is asked for. */
export type SessionKey = { readonly sessionId: string } | { readonly tokenHash: string }

export interface VerdictParts {
  readonly database: Database
  readonly access: Access
  readonly clock: Clock
  readonly idleMs: (transport: SessionRow['transport']) => number
  readonly csrfToken: (sessionId: string) => string
  /** Who needs a second factor. */
  readonly mfa: AssuranceRules
}

/**
 * What this node remembers of sessions, so that a request costs no database read. It forgets a
 * session or all sessions of a user when that is revoked; what was being read while something was
 * revoked is read again.
 */
export class Verdicts implements RevocationListener {
  readonly #parts: VerdictParts
  readonly #bySession = new Map<string, Verdict>()
  readonly #byToken = new Map<string, string>()
  readonly #sessionsOf = new Map<string, Set<string>>()
  readonly #validUntil = new WeakMap<Auth, number>()
  readonly #secretVersion = new WeakMap<Auth, number>()
  #generation = 0

  constructor(parts: VerdictParts) {
    this.#parts = parts
  }

  /** How much is remembered. Nothing here may stay when its session is forgotten. */
  get remembered(): { readonly sessions: number; readonly tokens: number; readonly users: number } {
    const [sessions, tokens, users] = [this.#bySession, this.#byToken, this.#sessionsOf]
    return { sessions: sessions.size, tokens: tokens.size, users: users.size }
  }

  /** A remembered verdict that still holds at `now`. */
  recall(sessionId: string, now: number): Verdict | undefined {
    const verdict = this.#bySession.get(sessionId)
    if (!verdict?.ok) return verdict
    if (now < verdict.validUntil && now < verdict.lastActivityAt + verdict.idleMs) return verdict
    this.#forget(sessionId)
    return undefined
  }

  /** As `recall`, by the hash of a session's cookie: never by that of one which was replaced. */
  recallToken(tokenHash: string, now: number): Verdict | undefined {
    const sessionId = this.#byToken.get(tokenHash)
    const verdict = sessionId === undefined ? undefined : this.recall(sessionId, now)
    if (!verdict || tokenHashOf(verdict) === tokenHash) return verdict
    this.#byToken.delete(tokenHash)
    return undefined
  }

  /**
   * The instant from which a caller that was let in must be judged again, in epoch milliseconds: the
   * absolute end of its session, or the end of a role before that. 0, which is past, for an `auth`
   * that this node did not make, so that it is judged at once.
   */
  expiresAt(auth: Auth): number {
    return this.#validUntil.get(auth) ?? 0
  }

  /**
   * How often the secret of the session had been replaced as the credential of this caller was made; -1,
   * which no session has, for an `auth` that this node did not make.
   */
  secretVersionOf(auth: Auth): number {
    return this.#secretVersion.get(auth) ?? -1
  }

  /**
   * The caller of a session by one of its tokens: the caller of the session itself, unless something was
   * proven or the secret replaced since the token was made. Then the older proof and the smaller level
   * count, and it gets no new secret.
   */
  authAsOf(
    { auth, permissions, row }: LiveSession,
    token: Pick<VerifiedAccessToken, 'authTime' | 'level' | 'secretVersion'>,
  ): Auth {
    const isOlder = token.authTime < Math.floor(auth.authTime / 1000)
    const isCurrent = token.secretVersion === row.secret_version
    if (!isOlder && isCurrent && token.level >= auth.level) return auth
    const authTime = isOlder ? token.authTime * 1000 : auth.authTime
    const level = token.level < auth.level ? token.level : auth.level
    const reach = this.#parts.access.reach(permissions, { ...auth, level })
    const older = Object.freeze({ ...auth, ...reach, authTime, level })
    this.#validUntil.set(older, this.expiresAt(auth))
    this.#secretVersion.set(older, token.secretVersion)
    return older
  }

  /**
   * Lets `to` count as the caller `from`, seen in an organisation: judged again at the same instant, or at
   * `until` before that, and by a credential of the same secret.
   */
  derive(from: Auth, to: Auth, until: number): void {
    this.#validUntil.set(to, Math.min(this.expiresAt(from), until))
    this.#secretVersion.set(to, this.secretVersionOf(from))
  }

  /**
   * Reads a session and decides on it; once more when something was revoked meanwhile, as the rows
   * may be from before. Throws when the database is away: never a guess.
   */
  async load(by: SessionKey): Promise<Verdict> {
    for (let reads = 1; ; reads++) {
      const generation = this.#generation
      const { facts, verdict } = await this.#read(by)
      const settled = generation === this.#generation
      if (settled && facts) this.#remember(facts, verdict)
      if (settled || reads === mostReads) return verdict
    }
  }

  revoked({ kind, id }: Revocation): void {
    this.#generation++
    if (kind === 'roles') this.everything()
    if (kind === 'session') this.#forget(id)
    if (kind === 'user')
      for (const sessionId of this.#sessionsOf.get(id) ?? []) this.#forget(sessionId)
  }

  everything(): void {
    this.#generation++
    this.#bySession.clear()
    this.#byToken.clear()
    this.#sessionsOf.clear()
  }

  async #read(by: SessionKey): Promise<{ facts: SessionFacts | undefined; verdict: Verdict }> {
    const { access, clock, database } = this.#parts
    const facts =
      'sessionId' in by
        ? await findSessionById(database.reader, by.sessionId)
        : await findSessionByToken(database.reader, by.tokenHash)
    if (!facts) return { facts, verdict: unknown }
    const held = await access.rolesOf(database.reader, facts.user_id)
    return { facts, verdict: this.#decide(facts, held, clock.now()) }
  }

  #decide(
    facts: SessionFacts,
    held: { readonly roles: readonly string[]; readonly nextExpiry: number | undefined },
    now: number,
  ): Verdict {
    const idleMs = this.#parts.idleMs(facts.transport)
    const dead = (error: () => SecurityError) =>
      ({ ok: false, userId: facts.user_id, tokenHash: facts.token_hash, error }) as const
    if (facts.ended_at !== null) return dead(endedByTime(facts.end_reason) ? expired : revoked)
    if (!mayHoldSession(facts, now)) return dead(revoked)
    if (facts.absolute_at <= now || facts.last_activity_at + idleMs <= now) return dead(expired)
    const { access } = this.#parts
    const permissions = access.permissionsOf(held.roles)
    const csrfToken = this.#parts.csrfToken(facts.id)
    const { mfa } = this.#parts
    const dueAt = facts.mfa_due_at
    const required = requiredLevel(mfa, { roles: held.roles, dueAt, now })
    const auth = authOf(facts, held.roles, { access, permissions, csrfToken, required })
    // The end of somebody's time to comply is an end of this verdict as well.
    const due = dueAt !== null && now < dueAt ? dueAt : facts.absolute_at
    const validUntil = Math.min(facts.absolute_at, held.nextExpiry ?? facts.absolute_at, due)
    this.#validUntil.set(auth, validUntil)
    this.#secretVersion.set(auth, facts.secret_version)
    return {
      ok: true,
      auth,
      permissions,
      row: facts,
      realm: facts.realm,
      factors: json.decode(facts.factors),
      idleMs,
      validUntil,
      lastActivityAt: facts.last_activity_at,
    }
  }

  /** What was remembered of the session before goes first: its token may have been another one. */
  #remember(facts: SessionFacts, verdict: Verdict): void {
    this.#forget(facts.id)
    if (this.#bySession.size >= cacheLimit) this.#forgetOldest()
    this.#bySession.set(facts.id, verdict)
    if (facts.token_hash !== null) this.#byToken.set(facts.token_hash, facts.id)
    const siblings = this.#sessionsOf.get(facts.user_id) ?? new Set()
    this.#sessionsOf.set(facts.user_id, siblings.add(facts.id))
  }

  #forgetOldest(): void {
    const [oldest] = this.#bySession.keys()
    if (oldest !== undefined) this.#forget(oldest)
  }

  #forget(sessionId: string): void {
    const verdict = this.#bySession.get(sessionId)
    if (!verdict) return
    this.#bySession.delete(sessionId)
    const tokenHash = tokenHashOf(verdict)
    if (tokenHash !== null) this.#byToken.delete(tokenHash)
    const userId = verdict.ok ? verdict.auth.userId : verdict.userId
    const siblings = userId === undefined ? undefined : this.#sessionsOf.get(userId)
    siblings?.delete(sessionId)
    if (siblings?.size === 0 && userId !== undefined) this.#sessionsOf.delete(userId)
  }
}

/** The hash of the cookie that a verdict is about; null for a session without one. */
function tokenHashOf(verdict: Verdict): string | null {
  return verdict.ok ? verdict.row.token_hash : verdict.tokenHash
}

/** What an access token of a session says. */
export function subjectOf({ auth, factors, row }: LiveSession): AccessSubject {
  const { level, roles, sessionId, userId } = auth
  const { auth_time: authTime, secret_version: secretVersion } = row
  return { userId, sessionId, roles, authTime, factors, level, secretVersion }
}

function authOf(
  row: SessionFacts,
  roles: readonly string[],
  {
    access,
    csrfToken,
    permissions,
    required,
  }: {
    readonly access: Access
    readonly csrfToken: string
    readonly permissions: PermissionSet
    readonly required: 1 | 2
  },
): Auth {
  const level = row.level === 2 ? 2 : 1
  return Object.freeze({
    userId: row.user_id,
    sessionId: row.id,
    roles: Object.freeze([...roles]),
    permissions: permissions.patterns,
    level,
    secondFactor: hasSecondFactor(row),
    requiredLevel: required,
    authTime: row.auth_time,
    csrfToken,
    ...access.reach(permissions, { userId: row.user_id, roles, level, requiredLevel: required }),
  })
}

const endedByTime = (reason: string | null) => reason === 'idle' || reason === 'absolute'
const expired = () => sessionErrors.token_expired({ headers: challenges.expired })
const revoked = () => sessionErrors.session_revoked({ headers: challenges.revoked })
const invalid = () => sessionErrors.token_invalid({ headers: challenges.invalid })
const unknown: DeadSession = { ok: false, userId: undefined, tokenHash: null, error: invalid }
