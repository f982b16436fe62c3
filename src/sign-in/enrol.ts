import type { Factor } from '../assurance/index.ts'
import type { Trx } from '../database/index.ts'
import type { TotpHolder, TotpSetup } from '../factors/index.ts'
import { findUserById, hasSecondFactor, type UserRow } from '../users/index.ts'
import { closedBy } from './decide.ts'
import type { DoorTools } from './door.ts'
import { type AttemptedFlow, type Flows, provenIn } from './flows.ts'
import { accountOf, type Issued, type Issuing } from './issuing.ts'
import type { SignInParts } from './parts.ts'
import { recordFactorFailure } from './record.ts'
import type {
  Asking,
  FlowRequest,
  PasskeyEnrolment,
  TotpEnrolment,
  TotpSetupRequest,
} from './requests.ts'
import type { CeremonyOptions, EnrolmentResult, FlowInvalid } from './result.ts'
import { findStanding, type Standing } from './store.ts'
import type { FlowRow } from './table.ts'
import { allOrNothing, isRefused, type Refused } from './undo.ts'

/** What an authenticator app has to be told. */
export interface TotpSetupGiven {
  readonly status: 'setup'
  readonly setup: TotpSetup
}

/** No secret of this sign-in waits, to be shown again. */
export interface TotpNotStarted {
  readonly status: 'totp_not_started'
}

interface Enrolled {
  readonly issued: Issued
  readonly recoveryCodes: readonly string[] | undefined
}

/** What enrolling a factor did: the factor it proves, or undefined when it was refused. */
type Enrol = (
  trx: Trx,
  userId: string,
) => Promise<{ readonly factor: Factor; readonly recoveryCodes?: readonly string[] } | undefined>

interface Attempt {
  readonly flow: AttemptedFlow
  readonly asking: Asking
  readonly method: 'totp' | 'passkey'
}

const invalid: FlowInvalid = { status: 'flow_invalid' }
const over: Refused = { refused: 'flow_invalid' }

/**
 * The door of whoever must enrol a second factor before there is a session: begins and finishes one for
 * the account of the flow alone, and issues the session in the same transaction. It is shut once the
 * account has a second factor: then that is what is to be proven.
 */
export class EnrolmentDoor {
  readonly #parts: SignInParts
  readonly #issuing: Issuing
  readonly #flows: Flows

  constructor(parts: SignInParts, { flows, issuing }: DoorTools) {
    this.#parts = parts
    this.#issuing = issuing
    this.#flows = flows
  }

  async totpSetup(
    request: TotpSetupRequest,
  ): Promise<TotpSetupGiven | TotpNotStarted | FlowInvalid> {
    const { database, factors } = this.#parts
    const flow = await this.#flows.find(request, 'enrol')
    if (!flow) return invalid
    if (request.again) return this.#shown(flow)
    return database.transaction(async (trx) => {
      const user = await this.#issuing.take(trx, flow.user_id)
      if (!user || !this.#mayEnrol(user, flow)) return invalid
      const setup = await factors.begin(trx, holderOf(user, flow))
      return { status: 'setup', setup }
    })
  }

  async #shown(flow: FlowRow): Promise<TotpSetupGiven | TotpNotStarted | FlowInvalid> {
    const { database, factors } = this.#parts
    const user = await findUserById(database.reader, flow.user_id)
    if (!user || !this.#mayEnrol(user, flow)) return invalid
    const setup = await factors.shown(database.reader, holderOf(user, flow))
    return setup ? { status: 'setup', setup } : { status: 'totp_not_started' }
  }

  async totp(request: TotpEnrolment): Promise<EnrolmentResult> {
    const { enrolment } = this.#parts
    const { code, origin } = request
    return this.#enrol(request, 'totp', async () => async (trx, userId) => {
      const enabled = await enrolment.enableTotpWithin(trx, { userId, code, origin })
      return enabled && { ...enabled, factor: 'otp' }
    })
  }

  async passkeyOptions(request: FlowRequest): Promise<CeremonyOptions | FlowInvalid> {
    const { database, passkeys } = this.#parts
    const { browser } = request
    const flow = await this.#flows.find(request, 'enrol')
    const user = flow && (await findUserById(database.reader, flow.user_id))
    if (!user || browser === undefined || !this.#mayEnrol(user, flow)) return invalid
    const { display_name: displayName, email, id } = user
    const { options } = await passkeys.registration({ id, email, displayName }, browser)
    return { status: 'options', options }
  }

  async passkey(request: PasskeyEnrolment): Promise<EnrolmentResult> {
    const { enrolment, passkeys } = this.#parts
    const { browser, name, origin, response } = request
    return this.#enrol(request, 'passkey', async ({ user_id: userId }) => {
      if (browser === undefined) return undefined
      const verified = await passkeys.verifyRegistration({ userId, browser, response })
      if (!verified.ok) return undefined
      const { credential } = verified
      return async (trx) => {
        const added = await enrolment.addPasskeyWithin(trx, { userId, credential, name, origin })
        // The password and the possession of the key are proven; who unlocked it is not looked at.
        return added && { ...codesOf(added), factor: 'key' }
      }
    })
  }

  /** Counts the attempt, lets `prepare` verify what takes time, and does the rest in one transaction. */
  async #enrol(
    request: FlowRequest & Asking,
    method: Attempt['method'],
    prepare: (flow: FlowRow) => Promise<Enrol | undefined>,
  ): Promise<EnrolmentResult> {
    const flow = await this.#flows.attempt(request, 'enrol')
    if (!flow) return invalid
    const attempt = { flow, asking: request, method }
    const enrol = await prepare(flow)
    const done = enrol
      ? await allOrNothing(this.#parts.database, (trx) => this.#finish(trx, attempt, enrol))
      : rejected
    if (isRefused(done)) return this.#refuse(attempt, done)
    const { issued, recoveryCodes } = done
    return { ...this.#issuing.answer(issued), ...(recoveryCodes ? { recoveryCodes } : {}) }
  }

  /** The account is read again after the change, which gave its credentials another version. */
  async #finish(trx: Trx, { asking, flow }: Attempt, enrol: Enrol): Promise<Enrolled | Refused> {
    await this.#parts.issuing.revocations.announce(trx, { kind: 'user', id: flow.user_id })
    const before = await this.#issuing.take(trx, flow.user_id)
    if (!before || !this.#mayEnrol(before, flow)) return over
    if (!(await this.#flows.consume(trx, flow))) return over
    const enrolled = await enrol(trx, before.id)
    if (!enrolled) return rejected
    const account: Standing | undefined = await findStanding(trx, before.id)
    if (!account) return over
    const { issued } = await this.#issuing.conclude(trx, {
      ...{ account, asking, transport: flow.transport, lastFailureAt: null },
      spares: false,
      proven: [...provenIn(flow), enrolled.factor],
    })
    return issued ? { issued, recoveryCodes: enrolled.recoveryCodes } : over
  }

  #mayEnrol(user: UserRow, flow: FlowRow | undefined): boolean {
    const isSame = user.credentials_version === flow?.credentials_version
    const isOpen = closedBy(accountOf(user), this.#parts.clock.now()) === undefined
    return isSame && isOpen && !hasSecondFactor(user)
  }

  async #refuse({ asking, flow, method }: Attempt, { refused }: Refused): Promise<EnrolmentResult> {
    if (refused !== 'factor_rejected') return invalid
    const { database, recorder } = this.#parts
    const about = { userId: flow.user_id, method, origin: asking.origin }
    await database.transaction((trx) => recordFactorFailure(recorder, trx, about))
    return { status: 'factor_rejected' }
  }
}

const rejected: Refused = { refused: 'factor_rejected' }

/** The sign-in that sets an app up: it alone is shown the secret again. */
function holderOf({ email, id }: UserRow, flow: FlowRow): TotpHolder {
  return { userId: id, account: email, holder: `flow:${flow.token_hash}` }
}

function codesOf({ recoveryCodes }: { readonly recoveryCodes?: readonly string[] }) {
  return recoveryCodes ? { recoveryCodes } : {}
}
