import { nativeBrowser } from '../sessions/index.ts'
import { findUserById } from '../users/index.ts'
import { EnrolmentDoor, type TotpNotStarted, type TotpSetupGiven } from './enrol.ts'
import { Flows } from './flows.ts'
import { Issuing, mayTrust } from './issuing.ts'
import type { SignInParts } from './parts.ts'
import {
  type PasskeyChallenge,
  type PasskeyChallengeRequest,
  PasskeyDoor,
} from './passkey-sign-in.ts'
import { PasswordDoor } from './password.ts'
import type {
  FactorSignIn,
  FlowRequest,
  PasskeyEnrolment,
  PasskeySignIn,
  PasswordSignIn,
  TotpEnrolment,
  TotpSetupRequest,
} from './requests.ts'
import type {
  CeremonyOptions,
  Denied,
  EnrolmentResult,
  FactorRejected,
  FactorSignInResult,
  FlowInvalid,
  FlowView,
  MfaRequired,
  SignedIn,
  SignInResult,
} from './result.ts'
import { FactorDoor, proofOf } from './second-factor.ts'

/**
 * The doors of sign-in: password, second factor, passkey, and enrolment where a second factor is
 * demanded. All of them end in the same decision and in the one place that issues sessions.
 */
export class SignIn {
  readonly #parts: SignInParts
  readonly #flows: Flows
  readonly #password: PasswordDoor
  readonly #factor: FactorDoor
  readonly #passkey: PasskeyDoor
  readonly #enrolment: EnrolmentDoor

  constructor(parts: SignInParts) {
    this.#parts = parts
    this.#flows = new Flows(parts)
    const tools = { issuing: new Issuing(parts), flows: this.#flows }
    this.#password = new PasswordDoor(parts, tools)
    this.#factor = new FactorDoor(parts, tools)
    this.#passkey = new PasskeyDoor(parts, tools)
    this.#enrolment = new EnrolmentDoor(parts, tools)
  }

  /**
   * Signs in with a password. `mfa_required` goes on with `withFactor`, or with the enrolment calls where
   * `enrol` is set; `mfaCode` finishes at once. Throws `rate_limited` and `password_queue_full`, both
   * before hashing.
   */
  async withPassword(request: PasswordSignIn): Promise<SignInResult> {
    const result = await this.#password.signIn(request)
    const { mfaCode } = request
    const asks = result.status === 'mfa_required' && result.enrol === undefined
    return asks && mfaCode !== undefined ? this.#atOnce(result, request, mfaCode) : result
  }

  /** The second step of a sign-in, in the browser that took the first. */
  withFactor(request: FactorSignIn): Promise<FactorSignInResult> {
    return this.#factor.signIn(request)
  }

  /** What a passkey has to sign as a second factor: options for `navigator.credentials.get`. */
  factorOptions(request: FlowRequest): Promise<CeremonyOptions | FactorRejected | FlowInvalid> {
    return this.#factor.options(request)
  }

  /** What a passkey has to sign to sign in by itself, whosever it is. */
  passkeyOptions(request: PasskeyChallengeRequest): Promise<PasskeyChallenge> {
    return this.#passkey.options(request)
  }

  /** Signs in with a passkey alone. Throws `rate_limited`. */
  withPasskey(request: PasskeySignIn): Promise<SignedIn | Denied> {
    return this.#passkey.signIn(request)
  }

  /** What a flow asks for, for a page that shows it again; undefined for none. Counts nothing. */
  async flowView(request: FlowRequest): Promise<FlowView | undefined> {
    const { database, factors } = this.#parts
    const flow = await this.#flows.find(request, 'mfa')
    const user = flow && (await findUserById(database.reader, flow.user_id))
    if (user) {
      const methods = await factors.methods(database.reader, user)
      return { methods, mayTrust: await this.#mayTrust(user.id) }
    }
    const enrol = await this.#flows.find(request, 'enrol')
    return enrol && { methods: [], mayTrust: false, enrol: ['totp', 'passkey'] }
  }

  /** Ends a flow that its browser does not go on with; one that is none is nothing. */
  endFlow(request: FlowRequest): Promise<void> {
    return this.#flows.end(request)
  }

  /**
   * In an enrolment flow: a secret for an authenticator app, which waits for its first code; with `again`
   * the one that this flow was given.
   */
  enrolTotpSetup(
    request: TotpSetupRequest,
  ): Promise<TotpSetupGiven | TotpNotStarted | FlowInvalid> {
    return this.#enrolment.totpSetup(request)
  }

  /** Enables the authenticator app by its first code, and signs in. */
  enrolTotp(request: TotpEnrolment): Promise<EnrolmentResult> {
    return this.#enrolment.totp(request)
  }

  /** In an enrolment flow: options for `navigator.credentials.create`. */
  enrolPasskeyOptions(request: FlowRequest): Promise<CeremonyOptions | FlowInvalid> {
    return this.#enrolment.passkeyOptions(request)
  }

  /** Registers the passkey, and signs in. */
  enrolPasskey(request: PasskeyEnrolment): Promise<EnrolmentResult> {
    return this.#enrolment.passkey(request)
  }

  /** The job that deletes flows which are over. */
  sweep(signal?: AbortSignal): Promise<void> {
    return this.#flows.sweep(signal)
  }

  async #mayTrust(userId: string): Promise<boolean> {
    const { access, database } = this.#parts
    const { roles } = await access.rolesOf(database.reader, userId)
    return mayTrust(this.#parts, roles)
  }

  /** The code comes through the same door as one that is sent later: counted by flow and lane. */
  async #atOnce(
    { browser, flow }: MfaRequired,
    request: PasswordSignIn,
    mfaCode: string,
  ): Promise<SignInResult> {
    const { clientKey, devices, origin, realm } = request
    const result = await this.#factor.signIn({
      ...{ flow, proof: proofOf(mfaCode), devices, clientKey, origin, realm },
      browser: browser ?? nativeBrowser(origin.userAgent),
    })
    return result.status === 'flow_invalid' ? { status: 'denied' } : result
  }
}
