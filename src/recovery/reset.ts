import { newToken } from '../crypto/index.ts'
import type { Trx } from '../database/index.ts'
import { deviceHash } from '../devices/index.ts'
import type { Origin } from '../events/index.ts'
import { guessPair } from '../limits/index.ts'
import { setPassword } from '../passwords/index.ts'
import { deleteRegistrationsOf, signUpErrors } from '../sign-up/index.ts'
import {
  type Asker,
  activateInvited,
  bumpCredentials,
  changeStatus,
  findUserByEmail,
  findUserById,
  laneName,
  mayHoldSession,
  readAsker,
  type UserRow,
} from '../users/index.ts'
import { isReported, mayRecover } from './account-state.ts'
import { checkEmail } from './address.ts'
import type { UsableLink } from './links.ts'
import type { RecoveryMails } from './mails.ts'
import { checkNewPassword } from './new-password.ts'
import type { RecoveryParts } from './parts.ts'
import type { ResetRequest } from './requests.ts'
import type { LinkPurpose } from './table.ts'

const purposes: readonly LinkPurpose[] = ['reset', 'secure', 'invitation']

/** A forgotten password: the link is asked for, and used. */
export class PasswordReset {
  readonly #parts: RecoveryParts
  readonly #mails: RecoveryMails

  constructor(parts: RecoveryParts, mails: RecoveryMails) {
    this.#parts = parts
    this.#mails = mails
  }

  /**
   * Mails a link to the stored address of an account. Every address costs the same statements, one
   * link and one mail in the outbox; for most of them neither is worth anything.
   */
  async forgot(email: string, origin: Origin, asker: Asker | string): Promise<void> {
    const { clientKey, realm } = readAsker(asker)
    const { address, canonical } = checkEmail(email)
    const name = { realm, canonical }
    await this.#mails.limitClient(clientKey)
    const mayMail = await this.#mails.mayMail('reset', laneName(name))
    await this.#parts.database.transaction(async (trx) => {
      const user = await findUserByEmail(trx, name)
      const target = mayMail && user && mayRecover(user) ? user : undefined
      await this.#mails.sendLink(trx, {
        kind: 'reset',
        userId: target?.id,
        to: user?.email ?? address,
        origin,
      })
      await this.#parts.recorder.record(trx, {
        name: 'password.reset_requested',
        actor: { kind: 'anonymous' },
        ...(user ? { resource: { kind: 'user', id: user.id } } : {}),
        outcome: target ? 'success' : 'refused',
        origin,
        payload: user ? { userId: user.id } : {},
      })
    })
  }

  /**
   * Sets a password with a mailed link. No session comes of it, so no second factor is passed over.
   * A refused password leaves the link as it was. Answers the token of a new device: the browser that
   * has shown the mailbox is held back by no siege when its owner signs in. It has shown no second factor:
   * for those it is a stranger's until it has.
   */
  async reset({ clientKey, origin, password, realm, token }: ResetRequest): Promise<string> {
    const { database, hasher, links } = this.#parts
    const link = await links.find(token, purposes, realm)
    const user = link && (await findUserById(database.reader, link.user_id))
    if (!link || !user || !mayUse(link, user)) throw signUpErrors.link_invalid()
    await checkNewPassword(this.#parts, user, password)
    const hash = await hasher.hash(password)
    const device = newToken(this.#parts.random)
    await database.transaction((trx) => this.#apply(trx, { link, hash, origin, device }))
    if (clientKey !== undefined) await this.#forgive(clientKey, user)
    return device
  }

  /** Else whoever resets because of five wrong guesses would wait for their end all the same. */
  async #forgive(clientKey: string, user: UserRow): Promise<void> {
    const { email_canonical, realm, username_canonical } = user
    for (const canonical of [email_canonical, username_canonical]) {
      if (canonical === null) continue
      const name = laneName({ realm, canonical })
      await this.#parts.limits.reset('auth', guessPair(clientKey, name))
    }
  }

  /** The row of the account comes first: all its links queue up there. */
  async #apply(
    trx: Trx,
    change: {
      readonly link: UsableLink
      readonly hash: string
      readonly origin: Origin
      readonly device: string
    },
  ): Promise<void> {
    const { clock, devices, links, revocations, sessions, throttle } = this.#parts
    const { device, hash, link, origin } = change
    const userId = link.user_id
    await revocations.announce(trx, { kind: 'user', id: userId })
    await bumpCredentials(trx, userId)
    const user = await findUserById(trx, userId)
    const usable = user && mayUse(link, user) && (await links.consume(trx, link))
    if (!usable) throw signUpErrors.link_invalid()
    await this.#open(trx, link, user)
    await setPassword(trx, { user_id: userId, hash, changed_at: clock.now() })
    const actor = { kind: 'user', id: userId } as const
    await sessions.endAll(trx, userId, { reason: 'password_reset', actor, origin })
    await devices.forgetAll(trx, userId)
    const { ip, userAgent } = origin
    const proven = deviceHash({ device, userAgent })
    await devices.noteLink(trx, { userId, deviceHash: proven, ip, userAgent })
    await throttle.clear(trx, userId)
    await throttle.openDevices(trx, userId)
    const lockLasts = isReported(user) && !mayHoldSession(user, clock.now())
    await links.end(trx, userId, endedBy(link.purpose, lockLasts))
    await this.#parts.recorder.record(trx, {
      name: link.purpose === 'invitation' ? 'user.verified' : 'password.reset',
      ...{ actor, origin, resource: { kind: 'user', id: userId } },
      payload: { userId },
    })
  }

  /** Opens what this very link may open: the lock of a report, or an account made by invitation. */
  async #open(trx: Trx, link: UsableLink, user: UserRow): Promise<void> {
    if (link.purpose === 'secure' && isReported(user)) {
      await changeStatus(trx, user.id, { from: ['locked'], to: 'active', reason: null })
    }
    if (link.purpose === 'invitation' && user.status === 'pending') {
      const activated = await activateInvited(trx, user.id, this.#parts.clock.now())
      if (!activated) throw signUpErrors.link_invalid()
      await deleteRegistrationsOf(trx, user.id)
    }
  }
}

function mayUse(link: UsableLink, user: UserRow): boolean {
  return mayRecover(user) || (link.purpose === 'invitation' && user.status === 'pending')
}

/**
 * A new password ends what an intruder may have left waiting. The link that opens the lock of a
 * report outlives an ordinary reset, which does not open it, while that lock lasts.
 */
function endedBy(purpose: LinkPurpose, lockLasts: boolean): readonly LinkPurpose[] {
  const always: readonly LinkPurpose[] = ['reset', 'invitation', 'change_email']
  return purpose !== 'secure' && lockLasts ? always : [...always, 'secure']
}
