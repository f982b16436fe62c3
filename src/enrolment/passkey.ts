import type { Trx } from '../database/index.ts'
import type { Origin } from '../events/index.ts'
import type { NewPasskey } from '../passkeys/index.ts'
import { bumpCredentials, findUserById, hasSecondFactor, lockUser } from '../users/index.ts'
import { enrolmentErrors } from './errors.ts'
import type { PasskeyRenamed } from './events.ts'
import { type OwnerChanges, recordChange, settle } from './owner.ts'
import type { EnrolmentParts } from './parts.ts'
import { afterRemoval } from './policy.ts'
import {
  type FactorChanged,
  type NewPasskeyRequest,
  type PasskeyOptionsRequest,
  type PasskeyRename,
  type PasskeyRequest,
  type PasskeyView,
  passkeyView,
  type WithCodes,
} from './requests.ts'
import { withCodes } from './totp.ts'

const mostPasskeys = 20

/** A passkey that was added, with the codes that came with the first second factor. */
export interface PasskeyAdded extends WithCodes {
  readonly passkey: PasskeyView
}

/** The passkey of an account that signs in and has to enrol first; verified already. */
export interface EnrolPasskey {
  readonly userId: string
  readonly credential: NewPasskey
  readonly name?: string | undefined
  readonly origin: Origin
}

/** The passkeys of an account. */
export class PasskeyEnrolment {
  readonly #parts: EnrolmentParts
  readonly #changes: OwnerChanges

  constructor(parts: EnrolmentParts, changes: OwnerChanges) {
    this.#parts = parts
    this.#changes = changes
  }

  async options({ auth, browser }: PasskeyOptionsRequest) {
    const { user } = await this.#changes.prove(auth)
    if (user.passkeys >= mostPasskeys) throw enrolmentErrors.too_many_passkeys()
    const { display_name: displayName, email, id } = user
    return this.#parts.passkeys.registration({ id, email, displayName }, browser)
  }

  /** The answer is verified before the transaction, which waits for no signature. */
  async add({
    browser,
    name,
    response,
    ...request
  }: NewPasskeyRequest): Promise<PasskeyAdded & FactorChanged> {
    await this.#changes.prove(request.auth)
    const userId = request.auth.userId
    const verified = await this.#parts.passkeys.verifyRegistration({ userId, browser, response })
    if (!verified.ok) throw enrolmentErrors.passkey_rejected()
    return this.#changes.run(request, async (trx, user) => {
      if (user.passkeys >= mostPasskeys) throw enrolmentErrors.too_many_passkeys()
      const answer = await this.#insert(trx, { userId, credential: verified.credential, name })
      if (!answer) throw enrolmentErrors.passkey_known()
      // As at sign-in: the possession of the key is proven; who unlocked it is not looked at.
      return { event: enabled(userId), proven: 'key', answer }
    })
  }

  async addWithin(trx: Trx, enrol: EnrolPasskey): Promise<PasskeyAdded | undefined> {
    const { origin, userId } = enrol
    await this.#parts.revocations.announce(trx, { kind: 'user', id: userId })
    const user = (await lockUser(trx, userId)) && (await findUserById(trx, userId))
    if (!user || hasSecondFactor(user)) return undefined
    const added = await this.#insert(trx, enrol)
    if (!added) return undefined
    await bumpCredentials(trx, userId)
    const by = { userId, actor: { kind: 'user', id: userId }, origin } as const
    await settle(trx, this.#parts, { ...by, reason: 'factor_changed' })
    await recordChange(trx, this.#parts, { ...by, event: enabled(userId) })
    return added
  }

  /** By a fresh proof: under a name that lies its owner would take the wrong one away. */
  async rename({ auth, id, name, origin }: PasskeyRename): Promise<PasskeyView> {
    const { database, passkeys } = this.#parts
    const { userId } = auth
    await this.#changes.prove(auth)
    await database.transaction(async (trx) => {
      const renamed = await passkeys.rename(trx, { userId, id, name })
      if (!renamed) throw enrolmentErrors.passkey_not_found()
      await this.#recordName(trx, { userId, passkeyId: id, origin })
    })
    const row = (await passkeys.list(database.reader, userId)).find((one) => one.id === id)
    if (!row) throw enrolmentErrors.passkey_not_found()
    return passkeyView(row)
  }

  /** Without the names: what somebody typed is no evidence, and the record is kept when accounts go. */
  async #recordName(
    trx: Trx,
    { origin, ...payload }: PasskeyRenamed & { readonly origin: Origin },
  ): Promise<void> {
    await this.#parts.recorder.record(trx, {
      name: 'passkey.renamed',
      actor: { kind: 'user', id: payload.userId },
      resource: { kind: 'passkey', id: payload.passkeyId },
      ...{ origin, payload },
    })
  }

  remove({ id, ...request }: PasskeyRequest): Promise<FactorChanged> {
    const { passkeys } = this.#parts
    return this.#changes.run(request, async (trx, { id: userId }) => {
      const removed = await passkeys.remove(trx, { userId, id })
      if (!removed) throw enrolmentErrors.passkey_not_found()
      await afterRemoval(trx, this.#parts, userId)
      const payload = { userId, factor: 'passkey' } as const
      return { event: { name: 'factor.disabled', payload }, answer: {} }
    })
  }

  async #insert(
    trx: Trx,
    { credential, name, userId }: Omit<EnrolPasskey, 'origin'>,
  ): Promise<PasskeyAdded | undefined> {
    const { factors, passkeys } = this.#parts
    const named = name === undefined ? {} : { name }
    const row = await passkeys.add(trx, { userId, credential, ...named })
    if (!row) return undefined
    const codes = withCodes(await factors.codesIfNone(trx, userId))
    return { passkey: passkeyView(row), ...codes }
  }
}

function enabled(userId: string) {
  return { name: 'factor.enabled', payload: { userId, factor: 'passkey' } } as const
}
