import type { Trx } from '../database/index.ts'
import type { Origin } from '../events/index.ts'
import { signUpErrors } from '../sign-up/index.ts'
import {
  bumpCredentials,
  claimCredentials,
  findUserByEmail,
  findUserById,
  laneName,
  mayHoldSession,
  replaceEmail,
} from '../users/index.ts'
import { checkEmail, isUnconfirmed, refuseTaken } from './address.ts'
import { discardOther } from './discard.ts'
import { recoveryErrors } from './errors.ts'
import { linkAccountOf } from './link-account.ts'
import type { UsableLink } from './links.ts'
import type { RecoveryMails } from './mails.ts'
import { claimOwner, type ProvenOwner, proveOwner } from './owner.ts'
import type { RecoveryParts } from './parts.ts'
import type { EmailChangeRequest, LinkRequest } from './requests.ts'

/** A new address of an account: it proves itself before anything changes. */
export class EmailChange {
  readonly #parts: RecoveryParts
  readonly #mails: RecoveryMails

  constructor(parts: RecoveryParts, mails: RecoveryMails) {
    this.#parts = parts
    this.#mails = mails
  }

  /** Mails a link to the new address. Does the same, and answers the same, for one that is taken. */
  async request(request: EmailChangeRequest): Promise<void> {
    const { address, canonical } = checkEmail(request.email)
    await this.#mails.limitClient(request.clientKey)
    const owner = await proveOwner(this.#parts, request)
    if (address === owner.user.email) throw recoveryErrors.email_unchanged()
    const { realm } = owner.user
    const mayMail = await this.#mails.mayMail('change', laneName({ realm, canonical }))
    await this.#parts.database.transaction((trx) =>
      this.#ask(trx, owner, { address, canonical, mayMail }),
    )
  }

  async #ask(
    trx: Trx,
    owner: ProvenOwner,
    to: { readonly address: string; readonly canonical: string; readonly mayMail: boolean },
  ): Promise<void> {
    const { links, recorder } = this.#parts
    const { actor, origin, user } = owner
    await claimOwner(trx, this.#parts, owner)
    await links.end(trx, user.id, ['change_email'])
    const holder = await findUserByEmail(trx, { realm: user.realm, canonical: to.canonical })
    const isFree = !holder || holder.id === user.id || isUnconfirmed(holder)
    const userId = isFree && to.mayMail ? user.id : undefined
    await this.#mails.sendLink(trx, {
      ...{ kind: 'change_email', userId, to: to.address, origin },
      credentialsVersion: user.credentials_version + 1,
      account: linkAccountOf(user),
    })
    // The same whether or not the address is taken: owners read their own records.
    await recorder.record(trx, {
      name: 'email.change_requested',
      ...{ actor, origin, resource: { kind: 'user', id: user.id } },
      payload: { userId: user.id },
    })
  }

  /** The new address proves itself and becomes the account's. Sessions go on. */
  async confirm({ origin, realm, token }: LinkRequest): Promise<void> {
    const { database, links } = this.#parts
    const link = await links.find(token, ['change_email'], realm)
    if (!link) throw signUpErrors.link_invalid()
    await refuseTaken(database.transaction((trx) => this.#replace(trx, link, origin)))
  }

  async #replace(trx: Trx, link: UsableLink, origin: Origin): Promise<void> {
    const { clock, links, recorder } = this.#parts
    const userId = link.user_id
    const { address, canonical } = checkEmail(link.email)
    await this.#claim(trx, link)
    const user = await findUserById(trx, userId)
    const usable = user && mayHoldSession(user, clock.now()) && (await links.consume(trx, link))
    if (!usable) throw signUpErrors.link_invalid()
    if (canonical !== user.email_canonical) {
      const { realm } = user
      await discardOther(trx, { recorder }, { realm, canonical, userId, origin })
    }
    const verified_at = clock.now()
    await replaceEmail(trx, userId, { email: address, email_canonical: canonical, verified_at })
    await links.end(trx, userId, ['reset', 'secure', 'invitation', 'change_email'])
    const actor = { kind: 'user', id: userId } as const
    await recorder.record(trx, {
      name: 'email.changed',
      ...{ actor, origin, resource: { kind: 'user', id: userId } },
      payload: { userId, previousEmail: user.email },
    })
  }

  /** A credential that changed since the link was made has ended it, whoever changed it. */
  async #claim(trx: Trx, link: UsableLink): Promise<void> {
    const { credentials_version: seen, user_id: userId } = link
    if (seen === null) return bumpCredentials(trx, userId)
    if (!(await claimCredentials(trx, userId, seen))) throw signUpErrors.link_invalid()
  }
}
