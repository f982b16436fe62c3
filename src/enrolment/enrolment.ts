import type { Db, Trx } from '../database/index.ts'
import type { TotpSetup } from '../factors/index.ts'
import type { Auth } from '../http/index.ts'
import { challenges, sessionErrors } from '../sessions/index.ts'
import { bumpCredentials, findUserById } from '../users/index.ts'
import { OwnerChanges, settle } from './owner.ts'
import type { EnrolmentParts } from './parts.ts'
import { type EnrolPasskey, type PasskeyAdded, PasskeyEnrolment } from './passkey.ts'
import { demandOf } from './policy.ts'
import {
  type FactorChanged,
  type FactorOverview,
  type FactorRequest,
  type FactorResetRequest,
  type NewPasskeyRequest,
  type PasskeyOptionsRequest,
  type PasskeyRename,
  type PasskeyRequest,
  type PasskeyView,
  passkeyView,
  type TotpCode,
  type WithCodes,
} from './requests.ts'
import { type EnrolTotp, TotpEnrolment } from './totp.ts'

/**
 * Second factors of accounts: what there is, and how owners change it. Every change asks for a fresh
 * proof, of level 2 where a second factor is enrolled, whoever calls it, and throws `step_up_required`
 * without one and `account_changed` when a credential changed meanwhile. It ends every other session and
 * the trust of every device, and gives this session a new secret, which exists only in its result.
 */
export class Enrolment {
  readonly #parts: EnrolmentParts
  readonly #totp: TotpEnrolment
  readonly #passkeys: PasskeyEnrolment

  /** @internal made by `createSecurity` */
  constructor(parts: EnrolmentParts) {
    const changes = new OwnerChanges(parts)
    this.#parts = parts
    this.#totp = new TotpEnrolment(parts, changes)
    this.#passkeys = new PasskeyEnrolment(parts, changes)
  }

  /** What the caller has enrolled; never anything that could prove it. */
  overview({ userId }: Pick<Auth, 'userId'>): Promise<FactorOverview> {
    return this.describe(this.#parts.database.reader, userId)
  }

  /**
   * As `overview`, inside a transaction if need be.
   * @internal takes a handle of ours
   */
  async describe(db: Db, userId: string): Promise<FactorOverview> {
    const { factors, passkeys } = this.#parts
    const user = await findUserById(db, userId)
    if (!user) throw sessionErrors.session_revoked({ headers: challenges.revoked })
    const { recoveryCodesLeft, totp } = await factors.status(db, userId)
    const rows = await passkeys.list(db, userId)
    const demand = await demandOf(db, this.#parts, user)
    return { totp, recoveryCodesLeft, passkeys: rows.map(passkeyView), ...demand }
  }

  /**
   * A new secret for an authenticator app, which waits an hour for its first code; one that is in use stays
   * in use until then. With `again` the one that waits, for the session that set it up: `totp_not_started`
   * where there is none. By `userId` alone for somebody whose app is set up by code.
   */
  beginTotp(
    who:
      | { readonly auth: Auth; readonly again?: boolean | undefined }
      | { readonly userId: string },
  ): Promise<TotpSetup> {
    if (!('auth' in who)) return this.#totp.begin(who.userId)
    return who.again ? this.#totp.showAgain(who.auth) : this.#totp.beginBy(who.auth)
  }

  /**
   * Makes the waiting secret the one in use, by its first code. Gives recovery codes unless some are
   * left. Throws `factor_rejected` for a wrong code, and `totp_not_started` where none waits, or after ten
   * wrong ones.
   */
  enableTotp(request: TotpCode): Promise<WithCodes & FactorChanged> {
    return this.#totp.enable(request)
  }

  /** Takes the authenticator app away. Throws `totp_not_enabled`, `factor_required`. */
  disableTotp(request: FactorRequest): Promise<FactorChanged> {
    return this.#totp.disable(request)
  }

  /** Ten new recovery codes; those of before are dead. Throws `factor_missing`. */
  newRecoveryCodes(request: FactorRequest): Promise<Required<WithCodes> & FactorChanged> {
    return this.#totp.renewCodes(request)
  }

  /** Options for `navigator.credentials.create`. Throws `too_many_passkeys`. */
  passkeyOptions(
    request: PasskeyOptionsRequest,
  ): Promise<{ readonly options: Record<string, unknown> }> {
    return this.#passkeys.options(request)
  }

  /** Adds what the authenticator made. Throws `passkey_rejected`, `passkey_known`, `too_many_passkeys`. */
  addPasskey(request: NewPasskeyRequest): Promise<PasskeyAdded & FactorChanged> {
    return this.#passkeys.add(request)
  }

  /** Names one of the caller's passkeys; sessions and trust go on, for it opens nothing. Throws `passkey_not_found`. */
  renamePasskey(request: PasskeyRename): Promise<PasskeyView> {
    return this.#passkeys.rename(request)
  }

  /** Takes a passkey away. Throws `passkey_not_found`, `factor_required`. */
  removePasskey(request: PasskeyRequest): Promise<FactorChanged> {
    return this.#passkeys.remove(request)
  }

  /**
   * As `enableTotp`, for somebody without a session who has to enrol before there is one. Undefined for a
   * wrong code and for an account that has a second factor by now: then nothing was changed. Else the
   * account's `credentials_version` has grown by one.
   * @internal takes a transaction of sign-in
   */
  enableTotpWithin(trx: Trx, enrol: EnrolTotp): Promise<WithCodes | undefined> {
    return this.#totp.enableWithin(trx, enrol)
  }

  /**
   * As `enableTotpWithin`, for a passkey that was verified; undefined for one that is registered already.
   * @internal takes a transaction of sign-in
   */
  addPasskeyWithin(trx: Trx, enrol: EnrolPasskey): Promise<PasskeyAdded | undefined> {
    return this.#passkeys.addWithin(trx, enrol)
  }

  /**
   * Takes every second factor away, with recovery codes, waiting secrets, trust of devices and all
   * sessions, and records it.
   * @internal takes a transaction of administration
   */
  async resetWithin(trx: Trx, { requestedBy, userId, ...by }: FactorResetRequest): Promise<void> {
    const { factors, passkeys, recorder, revocations } = this.#parts
    await revocations.announce(trx, { kind: 'user', id: userId })
    await bumpCredentials(trx, userId)
    await factors.remove(trx, userId)
    await factors.removeCodes(trx, userId)
    await passkeys.removeAll(trx, userId)
    await factors.openLanes(trx, userId)
    await settle(trx, this.#parts, { ...by, userId, reason: 'factors_reset' })
    await recorder.record(trx, {
      name: 'factor.reset',
      ...by,
      resource: { kind: 'user', id: userId },
      payload: { userId, ...(requestedBy === undefined ? {} : { requestedBy }) },
    })
  }
}
