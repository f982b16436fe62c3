import { canonicalIdentifier } from '../crypto/index.ts'
import type { Trx } from '../database/index.ts'
import { replaceHash } from '../passwords/index.ts'
import { findLiveRegistrations } from '../sign-up/index.ts'
import type { GrantedGuess, Lane, Reservation } from '../throttle/index.ts'
import {
  defaultRealm,
  hasSecondFactor,
  laneName,
  noteLastFailure,
  type RealmName,
} from '../users/index.ts'
import { decide, type SignInDecision, type SignInFacts } from './decide.ts'
import type { DoorTools } from './door.ts'
import { signInErrors } from './errors.ts'
import type { Flows } from './flows.ts'
import type { ReservedGuess } from './guess-budget.ts'
import { accountOf, hashOfToken, type Issuing } from './issuing.ts'
import type { SignInParts } from './parts.ts'
import { recordAttack, recordFailure } from './record.ts'
import type { PasswordSignIn } from './requests.ts'
import { type MfaRequired, resultWithoutSession, type SignInResult } from './result.ts'
import { type Candidate, findCandidate, type Standing } from './store.ts'

/** Whose password is guessed at, and what was counted for it. */
interface Counted {
  readonly request: PasswordSignIn
  readonly name: RealmName
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

/** A right password of an account that may hold a session. */
interface RightAttempt extends Attempt {
  readonly candidate: Candidate
  readonly guess: GrantedGuess
}

/** Given once the transaction has ended well. */
type Answer = () => SignInResult

/**
 * The door of the password. In this order: the client's limits, one read, a CAPTCHA if it is due, one
 * counted guess, the hash or an equal dummy, `decide`, one transaction, the answer. Known and unknown
 * names take the same steps; more is done only once the password has proven right.
 */
export class PasswordDoor {
  readonly #parts: SignInParts
  readonly #issuing: Issuing
  readonly #flows: Flows

  constructor(parts: SignInParts, { flows, issuing }: DoorTools) {
    this.#parts = parts
    this.#issuing = issuing
    this.#flows = flows
  }

  async signIn(request: PasswordSignIn): Promise<SignInResult> {
    const { database, throttle } = this.#parts
    const identifier = canonicalIdentifier(request.identifier)
    const { clientKey, realm = defaultRealm } = request
    const name = { realm, canonical: identifier.canonical }
    const budget = await this.#parts.budget.reserve(clientKey, laneName(name))
    const deviceHashes = request.devices.map(hashOfToken)
    const candidate = await findCandidate(database.reader, { identifier, realm, deviceHashes })
    const lane = await throttle.find({
      ...{ name: laneName(name), userId: subjectOf(candidate), clientKey },
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
    const answer = await this.#parts.database.transaction((trx) => this.#write(trx, attempt))
    return answer()
  }

  async #attempt(counted: Counted): Promise<Attempt> {
    const { decision, needsRehash } = await this.#prove(counted)
    const rehash = isRight(decision) && needsRehash
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
    const waiting = await findLiveRegistrations(database.reader, name, clock.now())
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

  /**
   * What the password alone comes to. A right one is decided on once more, with everything that the
   * transaction reads; until then nothing of it is looked up.
   */
  #decide(
    candidate: Candidate | undefined,
    known: Pick<SignInFacts, 'proven' | 'heldBack'>,
  ): SignInDecision {
    return decide({
      ...known,
      now: this.#parts.clock.now(),
      account: candidate && accountOf(candidate),
      ...{ requiredLevel: 1, trusted: false, challengeDue: false },
      secondFactor: candidate !== undefined && hasSecondFactor(candidate),
      blocked: candidate?.blocked ?? null,
    })
  }

  async #write(trx: Trx, attempt: Attempt): Promise<Answer> {
    const { budget, decision } = attempt
    if (isRightAttempt(attempt)) return this.#proceed(trx, attempt)
    // Only what the caller learns anyway is free for the name, and nothing for the client, who would have
    // hashes for nothing by registering. A right password for a locked account spends like a wrong one,
    // or the budget would tell the two apart.
    if (decision.do === 'ask_verification') await budget.giveBackPair(trx)
    await this.#fail(trx, attempt)
    return () => resultWithoutSession(decision)
  }

  /**
   * Disabled, or another password or factor since we read: nothing is issued, and the transaction leaves
   * nothing behind. The row comes first, so that parallel sign-ins queue up instead of dead-locking.
   *
   * The guess is given back though a factor may still be asked for, and that feeds no attacker: who knows
   * the password has no use for further guesses at it, and tries at the factor are counted by the flow
   * and by a lane of the account that no password opens.
   */
  async #proceed(trx: Trx, attempt: RightAttempt): Promise<Answer> {
    const { budget, candidate, guess, rehashed, request } = attempt
    const account = await this.#issuing.take(trx, candidate.id)
    if (account?.credentials_version !== candidate.credentials_version) throw refused()
    await budget.giveBack(trx)
    await this.#parts.throttle.succeed(trx, guess)
    const { hash, id } = candidate
    if (hash && rehashed) await replaceHash(trx, id, { old: hash, new: rehashed })
    const { lastFailureAt } = guess.lane
    const proven = ['pwd'] as const
    const { transport } = request
    const { decision, issued } = await this.#issuing.conclude(trx, {
      ...{ account, proven, transport, lastFailureAt, asking: request },
      spares: request.mfaCode === undefined,
    })
    if (issued) return () => this.#issuing.answer(issued)
    if (!isRight(decision)) throw refused()
    if (lastFailureAt !== null) await noteLastFailure(trx, id, lastFailureAt)
    const asked = await this.#ask(trx, account, { decision, request })
    return () => asked
  }

  /** The sign-in goes on in a flow, which rests on what this transaction has read. */
  async #ask(
    trx: Trx,
    user: Standing,
    asked: { readonly decision: SignInDecision; readonly request: PasswordSignIn },
  ): Promise<MfaRequired> {
    const { origin, transport } = asked.request
    const purpose = asked.decision.do === 'ask_factor' ? 'mfa' : 'enrol'
    const { browser, expiresIn, flow } = await this.#flows.begin(trx, {
      ...{ purpose, user, transport, userAgent: origin.userAgent },
      proven: ['pwd'],
    })
    const bound = { flow, expiresIn, ...(browser === undefined ? {} : { browser }) }
    if (purpose === 'enrol') {
      return { status: 'mfa_required', methods: [], enrol: ['totp', 'passkey'], ...bound }
    }
    const methods = await this.#parts.factors.methods(trx, user)
    return { status: 'mfa_required', methods, ...bound }
  }

  async #fail(trx: Trx, { candidate, decision, guess, request }: Attempt): Promise<void> {
    const { recorder, throttle } = this.#parts
    const about = { userId: candidate?.id, origin: request.origin }
    const attacked = guess.allowed && (await throttle.fail(trx, guess))
    await recordFailure(recorder, trx, { ...about, decision })
    if (attacked) await recordAttack(recorder, trx, about)
  }
}

/** Whether the password is right and the account may hold a session, now or with a further factor. */
function isRight(decision: SignInDecision): boolean {
  return ['issue', 'ask_factor', 'ask_enrolment'].includes(decision.do)
}

function isRightAttempt(attempt: Attempt): attempt is RightAttempt {
  return isRight(attempt.decision) && attempt.candidate !== undefined && attempt.guess.allowed
}

function refused() {
  return signInErrors.invalid_credentials()
}

/**
 * The account whose lane is guessed in. A pending one keeps the lane of its name: anybody can make it by
 * registering, and a lane that begins anew by that would tell a free address from one that is taken.
 */
function subjectOf(candidate: Candidate | undefined): string | undefined {
  return candidate?.status === 'pending' ? undefined : candidate?.id
}
