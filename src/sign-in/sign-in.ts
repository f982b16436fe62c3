import type { Access } from '../access/index.ts'
import { canonicalIdentifier, newToken, type PasswordHasher } from '../crypto/index.ts'
import { type Database, json, type Trx } from '../database/index.ts'
import type { Origin, Recorder } from '../events/index.ts'
import { replaceHash } from '../passwords/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import type { AccessTokens, Transport } from '../sessions/index.ts'
import { type IssuedSession, type IssuerParts, SessionIssuer } from '../sessions/issue.ts'
import { findLiveRegistrations } from '../sign-up/index.ts'
import { noteFailure, noteSignIn, profileOf } from '../users/index.ts'
import { decide, type Factor, type SignInDecision } from './decide.ts'
import { signInErrors } from './errors.ts'
import type { GuessBudget } from './guess-budget.ts'
import { resultWithoutSession, type SignInResult } from './result.ts'
import { type Candidate, findCandidate } from './store.ts'

export interface SignInParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly hasher: PasswordHasher
  readonly budget: GuessBudget
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
  readonly transport: Transport
  /** Value of the device cookie, when the browser has one. */
  readonly device: string | undefined
  /** What the client's limits are kept by. */
  readonly clientKey: string
  readonly origin: Origin
}

interface Attempt {
  readonly request: PasswordSignIn
  readonly candidate: Candidate | undefined
  /** The stored hash that the password was compared with. */
  readonly hash: string | undefined
  readonly rehashed: string | undefined
  readonly decision: SignInDecision
}

interface Issued extends IssuedSession {
  readonly device: string | undefined
}

/**
 * Only what the caller learns anyway is free. A right password for a locked account spends a guess
 * like a wrong one, or the budget would tell the two apart.
 */
function spendsNothing(decision: SignInDecision): boolean {
  return decision.do === 'issue' || decision.do === 'ask_verification'
}

/** Nobody's id: unknown names cost the same update, which touches no row. */
const nobody = '00000000-0000-0000-0000-000000000000'

/**
 * The only door that issues sessions. In this order: read, reserve a guess, verify against the hash
 * or an equal dummy, decide, write once, answer. Known and unknown names take the same steps.
 */
export class SignIn {
  readonly #parts: SignInParts
  readonly #issuer: SessionIssuer

  constructor(parts: SignInParts) {
    this.#parts = parts
    this.#issuer = new SessionIssuer(parts.issuing)
  }

  /** Signs in with a password. Throws `rate_limited` and `password_queue_full`, both before hashing. */
  async withPassword(request: PasswordSignIn): Promise<SignInResult> {
    const identifier = canonicalIdentifier(request.identifier)
    const guess = await this.#parts.budget.reserve(request.clientKey, identifier.canonical)
    const attempt = await this.#verify(request, identifier)
    const issued = await this.#parts.database.transaction(async (trx) => {
      if (spendsNothing(attempt.decision)) await guess.giveBack(trx)
      return this.#write(trx, attempt)
    })
    return this.#answer(attempt, issued)
  }

  async #verify(
    request: PasswordSignIn,
    identifier: ReturnType<typeof canonicalIdentifier>,
  ): Promise<Attempt> {
    const { clock, database, hasher } = this.#parts
    const now = clock.now()
    const candidate = await findCandidate(database.reader, identifier)
    const waiting = await findLiveRegistrations(database.reader, identifier.canonical, {
      now,
      closed: true,
    })
    const tag = this.#parts.passwordTag(request.password)
    const claim = waiting.find((row) => row.password_tag === tag)?.password_hash
    const claimed = claim ? (await hasher.verify(claim, request.password)).valid : false
    const check = await this.#check(candidate?.hash, request.password)
    const decision = this.#decide({ candidate, claimed, now, proven: check.valid })
    const issue = decision.do === 'issue'
    const rehashed = issue && check.needsRehash ? await hasher.hash(request.password) : undefined
    return { request, candidate, hash: candidate?.hash ?? undefined, rehashed, decision }
  }

  /**
   * Whoever knows the password of a waiting registration hears that it waits, and hears the same for
   * an address that has an account: else registering and signing in would tell the two apart.
   */
  #decide(facts: {
    readonly candidate: Candidate | undefined
    readonly claimed: boolean
    readonly now: number
    readonly proven: boolean
  }): SignInDecision {
    const { candidate, claimed, now, proven } = facts
    if (claimed && !proven) return { do: 'ask_verification' }
    const factors: readonly Factor[] = proven ? ['pwd'] : []
    return decide({
      now,
      account: candidate && { status: candidate.status, lockedUntil: candidate.locked_until },
      proven: factors,
      requiredLevel: 1,
      enrolled: [],
      challengeDue: false,
    })
  }

  async #check(hash: string | null | undefined, password: string) {
    if (hash) return this.#parts.hasher.verify(hash, password)
    await this.#parts.hasher.verifyDummy(password)
    return { valid: false, needsRehash: false }
  }

  async #write(trx: Trx, attempt: Attempt): Promise<Issued | undefined> {
    const { candidate, decision } = attempt
    if (decision.do === 'issue' && candidate) return this.#issue(trx, attempt, candidate)
    await this.#recordFailure(trx, attempt)
    return undefined
  }

  async #issue(trx: Trx, attempt: Attempt, candidate: Candidate): Promise<Issued> {
    const { decision, hash, rehashed, request } = attempt
    if (decision.do !== 'issue') throw new Error('a session is issued by decision only')
    const { clock, random, recorder } = this.#parts
    const native = request.transport === 'body'
    const device = native ? undefined : (request.device ?? newToken(random))
    const seen = {
      at: clock.now(),
      ip: request.origin.ip ?? null,
      status: candidate.status,
      credentialsVersion: candidate.credentials_version,
    }
    // Disabled since we read: nothing is issued, and the transaction leaves nothing behind. The row's
    // lock comes first, so that parallel sign-ins of one account queue up instead of dead-locking.
    if (!(await noteSignIn(trx, candidate.id, seen))) throw signInErrors.invalid_credentials()
    const issued = await this.#issuer.issue(trx, {
      userId: candidate.id,
      transport: request.transport,
      factors: decision.factors,
      level: decision.level,
      ip: request.origin.ip,
      userAgent: request.origin.userAgent,
      device,
    })
    if (hash && rehashed) await replaceHash(trx, candidate.id, { old: hash, new: rehashed })
    await recorder.record(trx, {
      name: 'sign_in.succeeded',
      actor: { kind: 'user', id: candidate.id },
      resource: { kind: 'session', id: issued.row.id },
      origin: { ...request.origin, sessionId: issued.row.id },
      payload: {
        userId: candidate.id,
        sessionId: issued.row.id,
        transport: request.transport,
        level: decision.level,
        factors: decision.factors.join(' '),
      },
    })
    return { ...issued, device }
  }

  async #recordFailure(trx: Trx, { candidate, decision, request }: Attempt): Promise<void> {
    const { clock, recorder } = this.#parts
    await noteFailure(trx, candidate?.id ?? nobody, clock.now())
    await recorder.record(trx, {
      name: 'sign_in.failed',
      actor: { kind: 'anonymous' },
      outcome: 'failure',
      ...(candidate ? { resource: { kind: 'user', id: candidate.id } } : {}),
      origin: request.origin,
      payload: {
        ...(candidate ? { userId: candidate.id } : {}),
        cause: decision.do === 'deny' ? decision.reason : decision.do,
      },
    })
  }

  async #answer(attempt: Attempt, issued: Issued | undefined): Promise<SignInResult> {
    const { candidate, decision } = attempt
    if (decision.do !== 'issue' || !issued || !candidate) return resultWithoutSession(decision)
    const { access, csrfToken, database } = this.#parts
    const { roles } = await access.rolesOf(database.reader, candidate.id)
    const { device, refreshToken, row, sessionToken } = issued
    return {
      status: 'signed_in',
      user: {
        ...profileOf(candidate),
        roles,
        permissions: access.permissionsOf(roles).patterns,
      },
      sessionId: row.id,
      csrfToken: csrfToken(row.id),
      ...(refreshToken === undefined ? {} : { refreshToken, ...this.#access(issued, roles) }),
      ...(sessionToken === undefined ? {} : { sessionToken }),
      ...(device === undefined ? {} : { device }),
    }
  }

  #access({ row }: Issued, roles: readonly string[]) {
    const { tokens } = this.#parts
    const accessToken = tokens.mint({
      userId: row.user_id,
      sessionId: row.id,
      roles,
      authTime: row.auth_time,
      factors: json.decode(row.factors),
      level: row.level,
    })
    return { accessToken, expiresIn: tokens.lifetimeSeconds }
  }
}
