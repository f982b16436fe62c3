import type { Factor } from '../assurance/index.ts'
import type { Trx } from '../database/index.ts'
import { factorErrors } from '../factors/index.ts'
import type { Auth } from '../http/index.ts'
import {
  challenges,
  type LiveSession,
  type RenewedSecret,
  sessionErrors,
  subjectOf,
} from '../sessions/index.ts'
import { proofRequired } from '../shield/index.ts'
import type { FactorGuess, GrantedGuess } from '../throttle/index.ts'
import {
  findUserById,
  hasSecondFactor,
  lockUser,
  mayHoldSession,
  type UserRow,
  userErrors,
} from '../users/index.ts'
import type { RecoveryParts } from './parts.ts'
import type {
  FactorStepUp,
  PasswordStepUp,
  StepUp,
  StepUpOptionsRequest,
  StepUpRequest,
} from './requests.ts'
import { recordFailure, recordStepUp } from './step-up-record.ts'

/** Spends a proof inside the transaction; the factor it proves, or undefined for a wrong one. */
type Spend = (trx: Trx) => Promise<Factor | undefined>

/** Who proves: the caller, and the account and the session as they were before the proof. */
interface Prover {
  readonly auth: Auth
  readonly user: UserRow
  readonly session: LiveSession
}

/**
 * Another proof by the person of a session, so that routes which ask for a recent or a strong one let
 * whoever holds what this answers pass, and nobody who holds a copy of what was there before: the
 * secret of the session is replaced, and access tokens stay as old and as low as they were made. Every
 * node reads the session anew; it is the same session.
 */
export class StepUps {
  readonly #parts: RecoveryParts

  constructor(parts: RecoveryParts) {
    this.#parts = parts
  }

  /** See `Recovery.stepUp`. */
  async stepUp(request: StepUpRequest): Promise<StepUp> {
    const prover = await this.#find(request)
    const secret =
      'currentPassword' in request
        ? await this.#byPassword(prover, request)
        : await this.#byFactor(prover, request)
    return this.#answer(prover.session.auth.sessionId, secret)
  }

  /** See `Recovery.stepUpOptions`. */
  async options({ auth, browser }: StepUpOptionsRequest) {
    const { database, passkeys } = this.#parts
    const user = await findUserById(database.reader, auth.userId)
    if (!user) throw ended()
    if (user.passkeys === 0) throw factorErrors.factor_rejected()
    return passkeys.request({ kind: 'step_up', userId: user.id, browser })
  }

  async #find({ auth }: StepUpRequest): Promise<Prover> {
    const { database, sessions, verdicts } = this.#parts
    const user = await findUserById(database.reader, auth.userId)
    const session = await verdicts.load({ sessionId: auth.sessionId })
    if (!session.ok) throw session.error()
    if (!user || session.auth.userId !== user.id) throw ended()
    sessions.demandCurrent(auth, session)
    return { auth, user, session }
  }

  /** Where a second factor is enrolled, the password alone proves nothing that was in doubt. */
  async #byPassword(prover: Prover, request: PasswordStepUp): Promise<RenewedSecret> {
    const { database, factors, proof, revocations, stepUpMs } = this.#parts
    const { user } = prover
    if (hasSecondFactor(user)) {
      const methods = await factors.methods(database.reader, user)
      throw proofRequired({ secondFactor: true }, { level: 2, withinMs: stepUpMs, methods })
    }
    const { currentPassword: password, devices, origin } = request
    const { sessionId } = prover.session.auth
    await proof.prove({ userId: user.id, sessionId, password, origin, devices })
    return database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'session', id: sessionId })
      await this.#take(trx, prover)
      return this.#raise(trx, prover, { factor: 'pwd', origin })
    })
  }

  /**
   * One reserved guess in the lane of the account; signatures, outside of any transaction; then one
   * transaction that spends the proof and raises the session. Whatever is not accepted is one
   * `factor_rejected`.
   */
  async #byFactor(prover: Prover, request: FactorStepUp): Promise<RenewedSecret> {
    const { database, factors } = this.#parts
    if (!hasSecondFactor(prover.user)) throw factorErrors.factor_rejected()
    const guess = await factors.reserve(await this.#guessOf(prover, request))
    if (!guess) throw factorErrors.factor_rejected()
    const secret = await this.#evaluate(prover, request, guess).catch(async (thrown: unknown) => {
      await this.#release(guess)
      throw thrown
    })
    if (secret) return secret
    // By itself, so that a failure which cannot be recorded stays counted.
    await database.transaction((trx) => this.#fail(trx, request, guess))
    throw factorErrors.factor_rejected()
  }

  /**
   * Codes of an app in the lane of the session's device where that is known, 20 in a session; all else in
   * a lane of the session. So a stolen one closes no other way in, nor its owner's at sign-in.
   */
  async #guessOf({ session, user }: Prover, { method }: FactorStepUp): Promise<FactorGuess> {
    const { database, devices } = this.#parts
    const { device_hash: hash, id } = session.row
    const known = hash === null ? undefined : await devices.known(database.reader, user.id, [hash])
    const clientKey = `session:${id}`
    return { userId: user.id, method, deviceHash: known?.deviceHash, clientKey, inSession: true }
  }

  async #evaluate(
    prover: Prover,
    request: FactorStepUp,
    guess: GrantedGuess,
  ): Promise<RenewedSecret | undefined> {
    const { database, factors, revocations } = this.#parts
    const spend = await this.#prepare(prover, request)
    // Before anything that every node reads and every other announcement waits for.
    if (!spend) return undefined
    return database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'session', id: prover.session.auth.sessionId })
      await this.#take(trx, prover)
      const factor = await spend(trx)
      if (!factor) return undefined
      await factors.succeed(trx, guess)
      return this.#raise(trx, prover, { factor, origin: request.origin })
    })
  }

  /** A passkey's signature is verified here, where no transaction waits for it. */
  async #prepare({ user }: Prover, request: FactorStepUp): Promise<Spend | undefined> {
    const { factors, passkeys } = this.#parts
    const { browser, origin } = request
    const userId = user.id
    if (request.method !== 'passkey') {
      const { code, method } = request
      return (trx) => factors.spend(trx, { userId, method, code })
    }
    if (browser === undefined) return undefined
    const { response } = request
    const of = { kind: 'step_up', userId, browser } as const
    const verdict = await passkeys.verifyAssertion({ ...of, response, origin })
    if (!verdict.ok) return undefined
    return async (trx) => {
      const use = await passkeys.use(trx, { ...verdict, origin })
      // What is refused here is recorded with this transaction, so nothing undoes the alarm.
      if (use === 'cloned') await passkeys.noteClone(trx, verdict.passkey, origin)
      return use === 'used' ? verdict.factor : undefined
    }
  }

  /**
   * Takes the account's row, as every change of a credential does: what was proven before such a change
   * raises nothing after it, whoever was first. Nothing is spent before. Throws `account_changed`.
   */
  async #take(trx: Trx, { user }: Prover): Promise<void> {
    const now = (await lockUser(trx, user.id)) ? await findUserById(trx, user.id) : undefined
    if (!now || !mayHoldSession(now, this.#parts.clock.now())) throw ended()
    const isSame = now.credentials_version === user.credentials_version
    if (!isSame || hasSecondFactor(now) !== hasSecondFactor(user))
      throw userErrors.account_changed()
  }

  async #raise(
    trx: Trx,
    { auth, session, user }: Prover,
    { factor, origin }: { readonly factor: Factor; readonly origin: StepUpRequest['origin'] },
  ): Promise<RenewedSecret> {
    const { sessions } = this.#parts
    const { sessionId } = session.auth
    if (!(await sessions.noteProof(trx, sessionId, { factors: [factor] }))) throw ended()
    await recordStepUp(trx, this.#parts, { userId: user.id, sessionId, factor, origin })
    return sessions.renew(trx, auth, session.row)
  }

  async #fail(
    trx: Trx,
    { auth, method, origin }: FactorStepUp,
    guess: GrantedGuess,
  ): Promise<void> {
    const { sessionId, userId } = auth
    const attacked = await this.#parts.factors.fail(trx, guess)
    await recordFailure(trx, this.#parts, { userId, sessionId, method, origin, attacked })
  }

  /** What could not be evaluated is no guess. Whoever asked hears why it failed. */
  async #release(guess: GrantedGuess): Promise<void> {
    const { database, factors } = this.#parts
    await database.transaction((trx) => factors.release(trx, guess)).catch(() => undefined)
  }

  async #answer(sessionId: string, secret: RenewedSecret): Promise<StepUp> {
    const { tokens, verdicts } = this.#parts
    const session = await verdicts.load({ sessionId })
    if (!session.ok) throw session.error()
    const { authTime, level } = session.auth
    const proven = { authTime, level, secret }
    if (secret.transport === 'session') {
      return { ...proven, accessToken: undefined, expiresIn: undefined }
    }
    const accessToken = tokens.mint(subjectOf(session))
    return { ...proven, accessToken, expiresIn: tokens.lifetimeSeconds }
  }
}

function ended() {
  return sessionErrors.session_revoked({ headers: challenges.revoked })
}
