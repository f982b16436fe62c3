import { newToken } from '../crypto/index.ts'
import type { Trx } from '../database/index.ts'
import type { AssertionVerdict, ProvenPasskey } from '../passkeys/index.ts'
import { defaultRealm } from '../users/index.ts'
import type { DoorTools } from './door.ts'
import type { ReservedGuess } from './guess-budget.ts'
import type { Issued, Issuing } from './issuing.ts'
import type { SignInParts } from './parts.ts'
import { recordFailure } from './record.ts'
import type { PasskeySignIn } from './requests.ts'
import type { CeremonyOptions, Denied, SignedIn } from './result.ts'
import { allOrNothing, isRefused, type Refused } from './undo.ts'

type Counted = Pick<ReservedGuess, 'giveBack'>

/**
 * The door of the passkey, which names nobody: what signed says whose it is. Nothing that is counted of
 * a password stands in its way, so its owner comes in by it while strangers guess; the client's limit
 * alone does.
 */
export class PasskeyDoor {
  readonly #parts: SignInParts
  readonly #issuing: Issuing

  constructor(parts: SignInParts, { issuing }: DoorTools) {
    this.#parts = parts
    this.#issuing = issuing
  }

  /** What a passkey has to sign, whosever it is; and what the answer is bound to. */
  async options({
    browser = newToken(this.#parts.random),
    realm = defaultRealm,
  }: PasskeyChallengeRequest): Promise<PasskeyChallenge> {
    const { options } = await this.#parts.passkeys.request({ kind: 'sign_in', browser, realm })
    return { status: 'options', options, browser }
  }

  async signIn(request: PasskeySignIn): Promise<SignedIn | Denied> {
    const { budget, database } = this.#parts
    const counted = await budget.reserveClient(request.clientKey)
    const verdict = await this.#verify(request).catch(async (thrown: unknown) => {
      // What could not be evaluated is no try. Whoever asked hears why it failed.
      await database.transaction((trx) => counted.giveBack(trx)).catch(() => undefined)
      throw thrown
    })
    const done = verdict.ok
      ? await allOrNothing(database, (trx) => this.#finish(trx, verdict, { counted, request }))
      : wrong
    if (!isRefused(done)) return this.#issuing.answer(done)
    const userId = verdict.ok ? verdict.passkey.user_id : verdict.cloned?.user_id
    await this.#refuse(done, { userId, request })
    return { status: 'denied' }
  }

  /** Signatures are verified outside of the transaction. A clone is recorded where it is seen. */
  async #verify({
    browser,
    origin,
    realm = defaultRealm,
    response,
  }: PasskeySignIn): Promise<AssertionVerdict> {
    if (browser === undefined) return { ok: false }
    const asked = { kind: 'sign_in', browser, realm } as const
    return this.#parts.passkeys.verifyAssertion({ ...asked, response, origin })
  }

  async #finish(
    trx: Trx,
    proven: ProvenPasskey,
    { counted, request }: { readonly counted: Counted; readonly request: PasskeySignIn },
  ): Promise<Issued | Refused> {
    const account = await this.#issuing.take(trx, proven.passkey.user_id)
    const { origin, realm = defaultRealm, transport } = request
    if (account?.realm !== realm) return wrong
    const use = await this.#parts.passkeys.use(trx, { ...proven, origin })
    if (use !== 'used') return use === 'cloned' ? { ...wrong, cloned: proven.passkey } : wrong
    await counted.giveBack(trx)
    const { decision, issued } = await this.#issuing.conclude(trx, {
      ...{ account, asking: request, transport, lastFailureAt: null },
      spares: false,
      proven: [proven.factor],
    })
    return issued ?? { refused: 'denied', decision }
  }

  async #refuse(
    { cloned, decision }: Refused,
    { request, userId }: { readonly request: PasskeySignIn; readonly userId: string | undefined },
  ): Promise<void> {
    const { database, passkeys, recorder } = this.#parts
    const { origin } = request
    await database.transaction(async (trx) => {
      if (cloned) await passkeys.noteClone(trx, cloned, origin)
      await recordFailure(recorder, trx, { userId, origin, decision: decision ?? wrongDecision })
    })
  }
}

/** Who asks for what a passkey has to sign. */
export interface PasskeyChallengeRequest {
  /** Token of the flow cookie, or what a native client is known by; undefined makes a token. */
  readonly browser: string | undefined
  /** Where the sign-in is to be finished; absent: among the accounts of no isolated organisation. */
  readonly realm?: string | undefined
}

/** What a passkey has to sign, and what its answer is bound to. */
export interface PasskeyChallenge extends CeremonyOptions {
  /** For the flow cookie, where it is a token. */
  readonly browser: string
}

const wrong: Refused = { refused: 'denied' }
const wrongDecision = { do: 'deny', reason: 'wrong_credential' } as const
