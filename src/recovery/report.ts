import type { Trx } from '../database/index.ts'
import type { Origin } from '../events/index.ts'
import { blockPassword } from '../passwords/index.ts'
import { signUpErrors } from '../sign-up/index.ts'
import {
  bumpCredentials,
  changeStatus,
  findUserById,
  mayHoldSession,
  replaceEmail,
  type UserRow,
} from '../users/index.ts'
import { isClosedByOwner, isReported, mayRecover, reportedByOwner } from './account-state.ts'
import { checkEmail, refuseTaken } from './address.ts'
import { discardOther } from './discard.ts'
import type { UsableLink } from './links.ts'
import type { RecoveryMails } from './mails.ts'
import type { RecoveryParts } from './parts.ts'
import type { LinkRequest } from './requests.ts'
import type { LinkPurpose } from './table.ts'
import { undoFactors } from './undo-factors.ts'

const lockMs = 24 * 60 * 60 * 1000

/** An account, and when the notice was written that its owner did not expect. */
interface Noticed {
  readonly user: UserRow
  readonly noticedAt: number
}

/** "This was not me": the account is locked and the way back is mailed. */
export class Report {
  readonly #parts: RecoveryParts
  readonly #mails: RecoveryMails

  constructor(parts: RecoveryParts, mails: RecoveryMails) {
    this.#parts = parts
    this.#mails = mails
  }

  /**
   * Ends all sessions and API keys, forgets all devices, blocks the password, takes back second factors whose own
   * notice could still be answered, and locks the account for a day. Comes the link from a mail to an
   * address that somebody has replaced since, the address is put back first: the way back never goes to
   * the one who replaced it.
   */
  async report(request: LinkRequest): Promise<void> {
    await this.#use(request, 'report', async (trx, link, user) => {
      const noticedAt = link.created_at
      if (isCurrent(link, user)) return this.#lockDown(trx, { user, noticedAt }, request.origin)
      const { email } = link
      const undo = await this.#parts.links.findOpen(trx, {
        ...{ userId: user.id, email },
        purpose: 'undo_email',
      })
      if (!undo || !(await this.#parts.links.consume(trx, undo))) throw signUpErrors.link_invalid()
      await this.#putBack(trx, { user, link: undo, noticedAt }, request.origin)
    })
  }

  /** Puts the address before a change back, then does what a report does. */
  async undoEmail(request: LinkRequest): Promise<void> {
    await this.#use(request, 'undo_email', (trx, link, user) =>
      this.#putBack(trx, { user, link, noticedAt: link.created_at }, request.origin),
    )
  }

  async #use(
    { realm, token }: LinkRequest,
    purpose: LinkPurpose,
    work: (trx: Trx, link: UsableLink, user: UserRow) => Promise<void>,
  ): Promise<void> {
    const { database, links, revocations } = this.#parts
    const link = await links.find(token, [purpose], realm)
    if (!link) throw signUpErrors.link_invalid()
    const use = database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'user', id: link.user_id })
      await bumpCredentials(trx, link.user_id)
      const user = await findUserById(trx, link.user_id)
      const usable = user && mayBeTakenBack(user) && (await links.consume(trx, link))
      if (!usable) throw signUpErrors.link_invalid()
      await work(trx, link, user)
    })
    await refuseTaken(use)
  }

  /** Later changes of the address cannot be undone any more: whoever made them reads those mails. */
  async #putBack(
    trx: Trx,
    { link, user, ...notice }: Noticed & { readonly link: UsableLink },
    origin: Origin,
  ): Promise<void> {
    const { clock, links, recorder } = this.#parts
    const { canonical } = checkEmail(link.email)
    const { email } = link
    if (canonical !== user.email_canonical) {
      const { id: userId, realm } = user
      await discardOther(trx, { recorder }, { realm, canonical, userId, origin })
    }
    await replaceEmail(trx, user.id, {
      email,
      email_canonical: canonical,
      verified_at: clock.now(),
    })
    await links.end(trx, user.id, ['undo_email'], link.created_at)
    await recorder.record(trx, {
      name: 'email.change_undone',
      actor: { kind: 'user', id: user.id },
      resource: { kind: 'user', id: user.id },
      origin,
      payload: { userId: user.id },
    })
    const noticedAt = Math.min(notice.noticedAt, link.created_at)
    await this.#lockDown(trx, { user: { ...user, email }, noticedAt }, origin)
  }

  /**
   * Notices of before stay what they are: this one may have gone to the address of somebody who replaced
   * the owner's, and must not end what the owner has in the mailbox.
   */
  async #lockDown(trx: Trx, { noticedAt, user }: Noticed, origin: Origin): Promise<void> {
    const { apiKeys, devices, links, recorder, sessions } = this.#parts
    await this.#lock(trx, user)
    await blockPassword(trx, user.id, 'reported')
    const taken = await undoFactors(trx, this.#parts, { userId: user.id, noticedAt, origin })
    const actor = { kind: 'user', id: user.id } as const
    await sessions.endAll(trx, user.id, { reason: reportedByOwner, actor, origin })
    await apiKeys.revokeAll(trx, user.id, { actor, origin, reason: reportedByOwner })
    await devices.forgetAll(trx, user.id)
    await links.end(trx, user.id, ['reset', 'secure', 'change_email', 'invitation'])
    await links.end(trx, user.id, ['report'], noticedAt)
    const secure = { kind: 'secure', userId: user.id, to: user.email, origin } as const
    await this.#mails.sendLink(trx, taken ? { ...secure, taken } : secure)
    await recorder.record(trx, {
      name: 'account.reported',
      ...{ actor, origin, resource: { kind: 'user', id: user.id } },
      payload: { userId: user.id },
    })
  }

  /** An administrator's lock stays what it is: the link mailed now must not open it. */
  async #lock(trx: Trx, user: UserRow): Promise<void> {
    const now = this.#parts.clock.now()
    const ours = isReported(user) || isClosedByOwner(user)
    if (!ours && !mayHoldSession(user, now)) return
    await changeStatus(trx, user.id, {
      from: [user.status],
      to: 'locked',
      reason: reportedByOwner,
      lockedUntil: now + lockMs,
    })
  }
}

/** Closing took the password too, so an owner who did not do it can stop it. */
function mayBeTakenBack(user: UserRow): boolean {
  return mayRecover(user) || isClosedByOwner(user)
}

function isCurrent(link: UsableLink, user: UserRow): boolean {
  return checkEmail(link.email).canonical === user.email_canonical
}
