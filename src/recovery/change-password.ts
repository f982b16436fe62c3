import { equalSecrets } from '../crypto/index.ts'
import type { Trx } from '../database/index.ts'
import { deviceHash } from '../devices/index.ts'
import type { Auth } from '../http/index.ts'
import { setPassword } from '../passwords/index.ts'
import type { RenewedSecret, SessionRow } from '../sessions/index.ts'
import { hasSecondFactor } from '../users/index.ts'
import { recoveryErrors } from './errors.ts'
import { checkNewPassword } from './new-password.ts'
import { claimOwner, type ProvenOwner, proveOwner } from './owner.ts'
import type { RecoveryParts } from './parts.ts'
import type { PasswordChangeRequest } from './requests.ts'

/** A new password by an owner who knows the one before. */
export class PasswordChange {
  readonly #parts: RecoveryParts

  constructor(parts: RecoveryParts) {
    this.#parts = parts
  }

  /**
   * Sets the password; this session goes on with a new secret, and its device stays known. All others
   * end. Throws `token_expired` for a token from before the session's secret was last replaced.
   */
  async change(request: PasswordChangeRequest): Promise<RenewedSecret> {
    const owner = await proveOwner(this.#parts, request)
    const { auth, currentPassword, password } = request
    if (equalSecrets(currentPassword, password)) throw recoveryErrors.password_unchanged()
    await checkNewPassword(this.#parts, owner.user, request.password)
    const kept = await this.#sessionOf(request)
    const hash = await this.#parts.hasher.hash(request.password)
    return this.#parts.database.transaction((trx) =>
      this.#apply(trx, owner, { auth, hash, ...kept }),
    )
  }

  async #sessionOf({ auth }: PasswordChangeRequest) {
    const found = await this.#parts.verdicts.load({ sessionId: auth.sessionId })
    if (!found.ok) throw found.error()
    this.#parts.sessions.demandCurrent(auth, found)
    const session = found.row
    const device = { device: undefined, userAgent: session.user_agent ?? undefined }
    return { session, deviceHash: session.device_hash ?? deviceHash(device) }
  }

  async #apply(
    trx: Trx,
    owner: ProvenOwner,
    change: {
      readonly auth: Auth
      readonly hash: string
      readonly session: SessionRow
      readonly deviceHash: string
    },
  ): Promise<RenewedSecret> {
    const { clock, devices, links, recorder, revocations, sessions, throttle } = this.#parts
    const { actor, origin, user } = owner
    await revocations.announce(trx, { kind: 'user', id: user.id })
    await claimOwner(trx, this.#parts, owner)
    await setPassword(trx, { user_id: user.id, hash: change.hash, changed_at: clock.now() })
    const end = { reason: 'password_changed', actor, origin, exceptId: change.session.id }
    await sessions.endAll(trx, user.id, end)
    await devices.forgetAll(trx, user.id, { exceptHash: change.deviceHash })
    await throttle.clear(trx, user.id)
    // Whoever guessed at codes knew the password of before, and its owner has just proven both factors.
    if (hasSecondFactor(user)) await throttle.openFactor(trx, user.id, 'totp')
    await links.end(trx, user.id, ['reset', 'secure', 'invitation', 'change_email'])
    await recorder.record(trx, {
      name: 'password.changed',
      ...{ actor, origin, resource: { kind: 'user', id: user.id } },
      payload: { userId: user.id },
    })
    return sessions.renew(trx, change.auth, change.session)
  }
}
