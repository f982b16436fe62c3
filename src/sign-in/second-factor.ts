import type { Factor } from '../assurance/index.ts'
import type { Trx } from '../database/index.ts'
import { deviceHash } from '../devices/index.ts'
import { factorErrors } from '../factors/index.ts'
import type { GrantedGuess } from '../throttle/index.ts'
import { findUserById } from '../users/index.ts'
import { closedBy } from './decide.ts'
import type { DoorTools } from './door.ts'
import { type AttemptedFlow, type Flows, provenIn } from './flows.ts'
import { accountOf, type Issued, type Issuing, mayTrust } from './issuing.ts'
import type { SignInParts } from './parts.ts'
import { recordFactorAttack, recordFactorFailure, recordFailure } from './record.ts'
import type { FactorSignIn, FlowRequest, SecondProof } from './requests.ts'
import type { CeremonyOptions, FactorRejected, FactorSignInResult, FlowInvalid } from './result.ts'
import { allOrNothing, isRefused, type Refused } from './undo.ts'

/** One attempt, counted in its flow and in the lane of the account. */
interface Attempt {
  readonly request: FactorSignIn
  readonly flow: AttemptedFlow
  readonly guess: GrantedGuess
}

/** Spends a proof inside the transaction; the factor it proves, or why it proves none. */
type Spend = (trx: Trx) => Promise<Factor | Refused>

const invalid: FlowInvalid = { status: 'flow_invalid' }
const rejected: FactorRejected = { status: 'factor_rejected' }

/**
 * The door of the second factor. In this order: the flow, with this attempt counted by one conditional
 * UPDATE; one reserved guess in the lane of the account; signatures, outside of any transaction; then one
 * transaction that takes the account's row, finishes the flow, spends the proof, decides with fresh
 * facts and issues. It leaves nothing behind unless a session comes of it.
 */
export class FactorDoor {
  readonly #parts: SignInParts
  readonly #issuing: Issuing
  readonly #flows: Flows

  constructor(parts: SignInParts, { flows, issuing }: DoorTools) {
    this.#parts = parts
    this.#issuing = issuing
    this.#flows = flows
  }

  async signIn(request: FactorSignIn): Promise<FactorSignInResult> {
    const { factors } = this.#parts
    const flow = await this.#flows.attempt(request, 'mfa')
    if (!flow) return invalid
    const guess = await factors.reserve({
      ...{ userId: flow.user_id, method: request.proof.method },
      ...{ deviceHash: await this.#knownDevice(flow, request), clientKey: request.clientKey },
    })
    // Held back by the lane: nothing is checked, and the answer is that to a wrong one.
    if (!guess) return rejected
    const attempt = { request, flow, guess }
    const done = await this.#evaluate(attempt).catch(async (thrown: unknown) => {
      await this.#release(guess)
      throw thrown
    })
    if (!isRefused(done)) return this.#issuing.answer(done)
    return this.#refuse(attempt, done)
  }

  /** What a passkey has to sign in this flow; counts nothing. */
  async options(request: FlowRequest): Promise<CeremonyOptions | FactorRejected | FlowInvalid> {
    const { database, passkeys } = this.#parts
    const flow = await this.#flows.find(request, 'mfa')
    const user = flow && (await findUserById(database.reader, flow.user_id))
    if (user?.credentials_version !== flow?.credentials_version) return invalid
    if (!user || request.browser === undefined) return invalid
    if (user.passkeys === 0) return rejected
    const { browser } = request
    const { options } = await passkeys.request({ kind: 'factor', userId: user.id, browser })
    return { status: 'options', options }
  }

  /**
   * Of the browser that asks; anybody can send what a native client is known by. One that a mailed link
   * has made known counts as none: whoever reads the mailbox would get 20 codes for each link.
   */
  async #knownDevice(
    { user_id }: AttemptedFlow,
    { devices: tokens }: FactorSignIn,
  ): Promise<string | undefined> {
    if (tokens.length === 0) return undefined
    const { database, devices } = this.#parts
    const hashes = tokens.map((device) => deviceHash({ device, userAgent: undefined }))
    const known = await devices.known(database.reader, user_id, hashes)
    return known?.proven ? known.deviceHash : undefined
  }

  async #evaluate(attempt: Attempt): Promise<Issued | Refused> {
    const spend = await this.#prepare(attempt)
    if (!spend) return wrong
    return allOrNothing(this.#parts.database, (trx) => this.#finish(trx, attempt, spend))
  }

  /** A passkey's signature is verified here, where no transaction waits for it. */
  async #prepare({ flow, request }: Attempt): Promise<Spend | undefined> {
    const { factors, passkeys } = this.#parts
    const { browser, origin, proof } = request
    const userId = flow.user_id
    if (proof.method !== 'passkey') {
      return async (trx) => (await factors.spend(trx, { userId, ...proof })) ?? wrong
    }
    if (browser === undefined) return undefined
    const { response } = proof
    const of = { kind: 'factor', userId, browser } as const
    const verdict = await passkeys.verifyAssertion({ ...of, response, origin })
    if (!verdict.ok) return undefined
    return async (trx) => {
      const use = await passkeys.use(trx, { ...verdict, origin })
      if (use === 'used') return verdict.factor
      return use === 'cloned' ? { ...wrong, cloned: verdict.passkey } : wrong
    }
  }

  /** Whatever became of the account meanwhile is told before the proof is looked at, right or wrong. */
  async #finish(
    trx: Trx,
    { flow, guess, request }: Attempt,
    spend: Spend,
  ): Promise<Issued | Refused> {
    const account = await this.#issuing.take(trx, flow.user_id)
    if (account?.credentials_version !== flow.credentials_version) return over
    const decided = closedBy(accountOf(account), this.#parts.clock.now())
    if (decided) return { ...over, decision: decided }
    if (!(await this.#flows.consume(trx, flow))) return over
    const factor = await spend(trx)
    if (typeof factor !== 'string') return factor
    await this.#parts.factors.succeed(trx, guess)
    if (factor === 'recovery') await this.#recordCode(trx, flow.user_id, request)
    const { decision, issued } = await this.#issuing.conclude(trx, {
      ...{ account, asking: request, transport: flow.transport, lastFailureAt: null },
      spares: false,
      proven: [...provenIn(flow), factor],
    })
    if (!issued) return { ...over, decision }
    if (request.trustDevice) await this.#trust(trx, issued, request)
    return issued
  }

  async #recordCode(trx: Trx, userId: string, { origin }: FactorSignIn): Promise<void> {
    const { factors, recorder } = this.#parts
    const { recoveryCodesLeft: left } = await factors.status(trx, userId)
    await recorder.record(trx, {
      name: 'factor.code_used',
      actor: { kind: 'user', id: userId },
      resource: { kind: 'user', id: userId },
      origin,
      payload: { userId, left },
    })
  }

  /** Asked for by anybody, kept for those alone whom it may spare: roles change, and the trust would wait. */
  async #trust(trx: Trx, { device, roles, user }: Issued, { origin }: FactorSignIn): Promise<void> {
    const { clock, devices, mfa } = this.#parts
    if (mfa.trustedDevicesMs === undefined || !device || !mayTrust(this.#parts, roles)) return
    const until = clock.now() + mfa.trustedDevicesMs
    await devices.trust(trx, { userId: user.id, id: device.id, origin }, until)
  }

  /** What could not be evaluated is no guess. Whoever asked hears why it failed. */
  async #release(guess: GrantedGuess): Promise<void> {
    const { database, factors } = this.#parts
    await database.transaction((trx) => factors.release(trx, guess)).catch(() => undefined)
  }

  async #refuse(attempt: Attempt, refusal: Refused): Promise<FactorRejected | FlowInvalid> {
    const { database } = this.#parts
    if (refusal.refused === 'factor_rejected') {
      await database.transaction((trx) => this.#fail(trx, attempt, refusal))
      return rejected
    }
    await database.transaction((trx) => this.#leave(trx, attempt, refusal))
    return invalid
  }

  /** The flow was over before the proof was looked at, which is no guess. */
  async #leave(trx: Trx, { flow, guess, request }: Attempt, { decision }: Refused): Promise<void> {
    const { factors, recorder } = this.#parts
    await factors.release(trx, guess)
    const about = { userId: flow.user_id, origin: request.origin }
    if (decision) await recordFailure(recorder, trx, { ...about, decision })
  }

  async #fail(trx: Trx, { flow, guess, request }: Attempt, { cloned }: Refused): Promise<void> {
    const { factors, passkeys, recorder } = this.#parts
    const about = { userId: flow.user_id, origin: request.origin }
    if (cloned) await passkeys.noteClone(trx, cloned, request.origin)
    const warned = await factors.fail(trx, guess)
    const attacked = warned || (flow.usedUp && (await factors.warn(trx, guess)))
    await recordFactorFailure(recorder, trx, { ...about, method: request.proof.method })
    if (attacked) await recordFactorAttack(recorder, trx, about)
  }
}

const over: Refused = { refused: 'flow_invalid' }
const wrong: Refused = { refused: 'factor_rejected' }

/** A code of which only its form says what it is: six digits are an app's, all else a recovery code. */
export function proofOf(code: string): SecondProof {
  return { method: readsAsTotp(code) ? 'totp' : 'recovery_code', code }
}

function readsAsTotp(code: string): boolean {
  return code.length <= 16 && /^[0-9]{6}$/.test(code.replaceAll(' ', ''))
}

/** The error of a second step that came to nothing. */
export function secondStepError(result: FactorRejected | FlowInvalid) {
  return factorErrors[result.status]()
}
