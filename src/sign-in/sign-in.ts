import { canonicalIdentifier, newToken } from '../crypto/index.ts'
import { json, type Trx } from '../database/index.ts'
import { deviceHash } from '../devices/index.ts'
import { replaceHash } from '../passwords/index.ts'
import { type IssuedSession, SessionIssuer } from '../sessions/issue.ts'
import { findLiveRegistrations } from '../sign-up/index.ts'
import type { GrantedGuess, Lane, Reservation } from '../throttle/index.ts'
import { noteSignIn, profileOf } from '../users/index.ts'
import { decide, type SignInDecision, type SignInFacts } from './decide.ts'
import { signInErrors } from './errors.ts'
import type { ReservedGuess } from './guess-budget.ts'
import type { SignInParts } from './parts.ts'
import { recordAttack, recordFailure, recordSuccess } from './record.ts'
import type { PasswordSignIn } from './requests.ts'
import { resultWithoutSession, type SignInResult } from './result.ts'
import { type Candidate, findCandidate } from './store.ts'

/** Whose password is guessed at, and what was counted for it. */
interface Counted {
  readonly request: PasswordSignIn
  /** Canonical form of the name. */
  readonly name: string
  readonly candidate: Candidate | undefined
  /** What the client's limits have counted. */
  readonly budget: ReservedGuess
  readonly guess: Reservation
}

interface Attempt extends Counted {
  readonly rehashed: string | undefined
  readonly decision: SignInDecision
}

interface Proof {
  readonly decision: SignInDecision
  readonly needsRehash: boolean
}

interface Issued extends IssuedSession {
  readonly devices: readonly string[] | undefined
}

/**
 * The only door that issues sessions. In this order: the client's limits, one read, a CAPTCHA if it is
 * due, one counted guess, the hash or an equal dummy, `decide`, one transaction, the answer. Known and
 * unknown names take the same steps.
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
    const { database, throttle } = this.#parts
    const identifier = canonicalIdentifier(request.identifier)
    const name = identifier.canonical
    const budget = await this.#parts.budget.reserve(request.clientKey, name)
    const deviceHashes = request.devices.map(hashOfToken)
    const candidate = await findCandidate(database.reader, { identifier, deviceHashes })
    const lane = await throttle.find({
      ...{ name, userId: subjectOf(candidate), clientKey: request.clientKey },
      deviceHash: candidate?.known_device ?? undefined,
    })
    if (await this.#isChallengeDue(lane, request)) return this.#challenge(lane, budget)
    const guess = await throttle.reserve(lane)
    return this.#evaluate({ request, name, candidate, budget, guess })
  }

  /** The lane alone decides, so that a right password or a name that exists changes nothing. */
  async #isChallengeDue({ failures }: Lane, { captcha, origin }: PasswordSignIn): Promise<boolean> {
    const { captcha: port, captchaAfter } = this.#parts
    if (!port || failures < captchaAfter) return false
    return captcha === undefined || !(await port.verify(captcha, { ip: origin.ip }))
  }

  /** Nothing was evaluated, so nothing is spent. */
  async #challenge(lane: Lane, budget: ReservedGuess): Promise<SignInResult> {
    const { captcha, database, throttle } = this.#parts
    await database.transaction((trx) => budget.giveBack(trx))
    throttle.noteChallenge(lane)
    return { status: 'challenge_required', challenge: (await captcha?.challenge()) ?? {} }
  }

  async #evaluate(counted: Counted): Promise<SignInResult> {
    const { candidate, guess } = counted
    if (!guess.allowed) {
      return resultWithoutSession(this.#decide(candidate, { proven: [], heldBack: guess.reason }))
    }
    const attempt = await this.#attempt(counted).catch(async (thrown: unknown) => {
      await this.#release(counted.budget, guess)
      throw thrown
    })
    const issued = await this.#parts.database.transaction((trx) => this.#write(trx, attempt))
    return this.#answer(attempt, issued)
  }

  async #attempt(counted: Counted): Promise<Attempt> {
    const { decision, needsRehash } = await this.#prove(counted)
    const rehash = decision.do === 'issue' && needsRehash
    const rehashed = rehash ? await this.#parts.hasher.hash(counted.request.password) : undefined
    return { ...counted, decision, rehashed }
  }

  /** A guess that could not be evaluated is none, or a full queue would close the owner's lane. */
  async #release(budget: ReservedGuess, guess: GrantedGuess): Promise<void> {
    const { database, throttle } = this.#parts
    const giveBack = async (trx: Trx) => {
      await budget.giveBack(trx)
      await throttle.release(trx, guess)
    }
    // Whoever asked hears why the guess failed, not why it stays counted.
    await database.transaction(giveBack).catch(() => undefined)
  }

  /**
   * Whoever knows the password of a waiting registration hears that it waits, and hears the same for
   * an address that has an account: else registering and signing in would tell the two apart.
   */
  async #prove({ candidate, name, request }: Counted): Promise<Proof> {
    const { clock, database, hasher } = this.#parts
    const waiting = await findLiveRegistrations(database.reader, name, {
      now: clock.now(),
      closed: true,
    })
    const tag = this.#parts.passwordTag(request.password)
    const claim = waiting.find((row) => row.password_tag === tag)?.password_hash
    const claimed = claim ? (await hasher.verify(claim, request.password)).valid : false
    const { needsRehash, valid } = await this.#check(candidate?.hash, request.password)
    if (claimed && !valid) return { decision: { do: 'ask_verification' }, needsRehash }
    const proven = valid ? (['pwd'] as const) : []
    return { decision: this.#decide(candidate, { proven, heldBack: undefined }), needsRehash }
  }

  async #check(hash: string | null | undefined, password: string) {
    if (hash) return this.#parts.hasher.verify(hash, password)
    await this.#parts.hasher.verifyDummy(password)
    return { valid: false, needsRehash: false }
  }

  #decide(
    candidate: Candidate | undefined,
    known: Pick<SignInFacts, 'proven' | 'heldBack'>,
  ): SignInDecision {
    return decide({
      ...known,
      now: this.#parts.clock.now(),
      account: candidate && { status: candidate.status, lockedUntil: candidate.locked_until },
      requiredLevel: 1,
      enrolled: [],
      challengeDue: false,
      blocked: (candidate?.blocked ?? null) !== null,
    })
  }

  async #write(trx: Trx, attempt: Attempt): Promise<Issued | undefined> {
    const { budget, candidate, decision } = attempt
    if (decision.do === 'issue' && candidate) return this.#issue(trx, attempt, candidate)
    // Only what the caller learns anyway is free for the name, and nothing for the client, who would have
    // hashes for nothing by registering. A right password for a locked account spends like a wrong one,
    // or the budget would tell the two apart.
    if (decision.do === 'ask_verification') await budget.giveBackPair(trx)
    await this.#fail(trx, attempt)
    return undefined
  }

  async #issue(trx: Trx, attempt: Attempt, candidate: Candidate): Promise<Issued> {
    const { budget, decision, guess, rehashed, request } = attempt
    if (decision.do !== 'issue' || !guess.allowed) {
      throw new Error('a session is issued by decision only')
    }
    const { origin, transport } = request
    // Disabled, or another password since we read: nothing is issued, and the transaction leaves nothing
    // behind. The row's lock comes first, so that parallel sign-ins queue up instead of dead-locking.
    const ip = origin.ip ?? null
    const { credentials_version: credentialsVersion, hash, id, status } = candidate
    const { lastFailureAt } = guess.lane
    const at = this.#parts.clock.now()
    const seen = { at, ip, status, credentialsVersion, lastFailureAt }
    await this.#announce(trx, id)
    if (!(await noteSignIn(trx, id, seen))) throw signInErrors.invalid_credentials()
    await budget.giveBack(trx)
    await this.#parts.throttle.succeed(trx, guess)
    const device = transport === 'body' ? undefined : this.#deviceOf(request, candidate)
    const { factors, level } = decision
    const client = { ip: origin.ip, userAgent: origin.userAgent, device }
    const hashOfDevice = deviceHash({ ...client, network: request.clientKey })
    const issued = await this.#issuer.issue(trx, {
      ...{ userId: id, transport, factors, level },
      ...client,
      deviceHash: hashOfDevice,
    })
    if (hash && rehashed) await replaceHash(trx, id, { old: hash, new: rehashed })
    const known = await this.#parts.devices.note(trx, {
      ...client,
      userId: id,
      deviceHash: hashOfDevice,
    })
    const first = candidate.last_sign_in_at === null && candidate.created_by === null
    const facts = { session: issued.row, factors, device: known, first, origin }
    await recordSuccess(this.#parts.recorder, trx, facts)
    const others = request.devices.filter((token) => hashOfToken(token) !== hashOfDevice)
    return { ...issued, devices: device === undefined ? undefined : [device, ...others] }
  }

  /**
   * The token in the cookie that this account knows already, or a new one. That of another account is
   * never taken over: who used this browser before may have kept a copy.
   */
  #deviceOf({ devices }: PasswordSignIn, { known_device: known }: Candidate): string {
    return devices.find((token) => hashOfToken(token) === known) ?? newToken(this.#parts.random)
  }

  /** Making room ends sessions, and who ends sessions announces it before taking the account's row. */
  async #announce(trx: Trx, id: string): Promise<void> {
    const { maxPerUser, revocations } = this.#parts.issuing
    if (maxPerUser !== undefined) await revocations.announce(trx, { kind: 'user', id })
  }

  async #fail(trx: Trx, { candidate, decision, guess, request }: Attempt): Promise<void> {
    const { recorder, throttle } = this.#parts
    const about = { userId: candidate?.id, origin: request.origin }
    const attacked = guess.allowed && (await throttle.fail(trx, guess))
    await recordFailure(recorder, trx, { ...about, decision })
    if (attacked) await recordAttack(recorder, trx, about)
  }

  async #answer(attempt: Attempt, issued: Issued | undefined): Promise<SignInResult> {
    const { candidate, decision } = attempt
    if (decision.do !== 'issue' || !issued || !candidate) return resultWithoutSession(decision)
    const { access, csrfToken, database } = this.#parts
    const { roles } = await access.rolesOf(database.reader, candidate.id)
    const { devices, refreshToken, row, sessionToken } = issued
    return {
      status: 'signed_in',
      user: {
        ...profileOf(candidate),
        roles,
        permissions: access.permissionsOf(roles).patterns,
      },
      sessionId: row.id,
      transport: row.transport,
      csrfToken: csrfToken(row.id),
      ...(refreshToken === undefined ? {} : { refreshToken, ...this.#access(issued, roles) }),
      ...(sessionToken === undefined ? {} : { sessionToken }),
      ...(devices === undefined ? {} : { devices }),
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

/**
 * The account whose lane is guessed in. A pending one keeps the lane of its name: anybody can make it by
 * registering, and a lane that begins anew by that would tell a free address from one that is taken.
 */
function subjectOf(candidate: Candidate | undefined): string | undefined {
  return candidate?.status === 'pending' ? undefined : candidate?.id
}

/** Native clients send no device cookie, and their user agent is anybody's to send. */
function hashOfToken(device: string): string {
  return deviceHash({ device, userAgent: undefined })
}
