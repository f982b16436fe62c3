import { accessErrors, type By } from '../access/index.ts'
import { hashToken, isTokenShaped, newToken } from '../crypto/index.ts'
import { inBatches, json, type Trx } from '../database/index.ts'
import type { Origin } from '../events/index.ts'
import { uuidv7 } from '../ports/index.ts'
import {
  defaultRealm,
  findUserByEmail,
  findUserById,
  isUsableAt,
  lockUser,
} from '../users/index.ts'
import { type Address, readEmail } from './address.ts'
import type { Authority } from './authority.ts'
import { type Changes, idOf } from './changes.ts'
import { organisationErrors } from './errors.ts'
import { InvitationEndings, inviting, promisedBy } from './invitation-endings.ts'
import { InvitationMails } from './invitation-mails.ts'
import {
  consumeInvitation,
  deleteExpiredInvitations,
  findInvitations,
  findOpenInvitation,
  insertInvitation,
  type OpenInvitation,
} from './invitation-store.ts'
import type { Members } from './members.ts'
import type { OrganisationParts } from './parts.ts'
import { refuseRole, refuseRoles } from './roles.ts'
import { findOrganisation } from './store.ts'
import type { InvitationRow, OrganisationRow } from './table.ts'
import { type InvitationView, invitationView } from './view.ts'

/** Somebody who is asked to join. */
export interface NewMemberInvitation {
  readonly email: string
  /** Default: the option `organisations.memberRole`. */
  readonly roles?: readonly string[] | undefined
}

/** Somebody who accepts, with a session of the account that joins. */
export interface Acceptance {
  readonly userId: string
  readonly token: string
  readonly origin?: Origin
}

/** What the page of an invitation says before its button is used. */
export interface SeenInvitation {
  readonly organisation: string
  /** The address that it was sent to. */
  readonly email: string
  readonly emailCanonical: string
}

const remove = 'delete:security:invitations'
const keepExpiredMs = 24 * 60 * 60 * 1000

/** What is sent to whom, and whether anybody hears of it. */
interface Sending {
  readonly email: Address
  readonly roles: readonly string[]
  readonly by: By
  /** False: the address was mailed too often, so the invitation waits without a mail. */
  readonly isMailed: boolean
}

/**
 * Invitations by mail: 256 random bits, stored as a hash, for one address, once, and not for long. On
 * whose authority they are is asked when they are made and again when they are accepted: nobody makes
 * what they hold for a while last, nor their own place another one.
 */
export class Invitations {
  readonly #parts: OrganisationParts
  readonly #mails: InvitationMails
  readonly #endings: InvitationEndings
  readonly #with: {
    readonly authority: Authority
    readonly changes: Changes
    readonly members: Members
  }

  constructor(
    parts: OrganisationParts,
    with_: { readonly authority: Authority; readonly changes: Changes; readonly members: Members },
  ) {
    this.#parts = parts
    this.#with = with_
    this.#mails = new InvitationMails(parts)
    this.#endings = new InvitationEndings(parts.clock, with_)
  }

  /** Invites an address; what waited for the same address there ends. */
  async invite(
    reference: string,
    invitation: NewMemberInvitation,
    by: By,
  ): Promise<InvitationView> {
    const { authority, changes } = this.#with
    const { roles = [this.#parts.rules.memberRole] } = invitation
    await refuseRoles(this.#parts, roles, by.giver)
    const email = readEmail(invitation.email)
    const known = await findOrganisation(this.#parts.database.reader, reference)
    if (!known) throw organisationErrors.organisation_not_found()
    const isMailed = await this.#mails.mayMail(known.id, email.canonical)
    return changes.run({ reference: known.id, by, permission: inviting }, async ({ row, trx }) => {
      const organisationId = row.id
      if (by.giver) await authority.refuseOutranked(trx, by.giver, { organisationId, roles })
      return invitationView(await this.#send(trx, row, { email, roles, by, isMailed }))
    })
  }

  /** Invites the first owner of an organisation that is being made. */
  async sendFirst(
    trx: Trx,
    organisation: Pick<OrganisationRow, 'id' | 'name'>,
    to: { readonly email: Address; readonly by: By },
  ): Promise<void> {
    const roles = [this.#parts.rules.ownerRole]
    await this.#send(trx, organisation, { ...to, roles, isMailed: true })
  }

  /** Writes an invitation and its mail. */
  async #send(
    trx: Trx,
    organisation: Pick<OrganisationRow, 'id' | 'name'>,
    { by, email, isMailed, roles }: Sending,
  ): Promise<InvitationRow> {
    const { clock, random } = this.#parts
    await this.#parts.access.settleRoles(trx, roles)
    for (const role of roles) refuseRole(this.#parts, role, by.giver)
    await this.#refuseOwn(trx, email, by)
    const now = clock.now()
    const token = newToken(random)
    const row: InvitationRow = {
      id: uuidv7(now, random),
      organisation_id: organisation.id,
      email: email.address,
      email_canonical: email.canonical,
      user_id: (await this.#holderOf(trx, organisation.id, email))?.id ?? null,
      roles: json.encode(roles),
      token_hash: hashToken(token),
      invited_by: idOf(by),
      giver_id: by.giver?.userId ?? null,
      created_at: now,
      expires_at: now + this.#parts.invitationMs,
      used_at: null,
      revoked_at: null,
    }
    const capped = { ...row, expires_at: await this.#endOf(trx, row) }
    const before = { organisationId: organisation.id, emailCanonical: email.canonical }
    await this.#endings.end(trx, before, by)
    await insertInvitation(trx, capped)
    if (isMailed) {
      await this.#mails.enqueue(trx, capped, { token, organisation: organisation.name })
    }
    const payload = { organisationId: organisation.id, invitationId: row.id }
    await this.#with.changes.record(trx, 'organisation.invited', { payload, by })
    return capped
  }

  /** The account of an address, among those that may be members there. */
  #holderOf(trx: Trx, organisationId: string, { canonical }: Address) {
    const { tenancy } = this.#parts.rules
    const realm = tenancy === 'isolated' ? organisationId : defaultRealm
    return findUserByEmail(trx, { realm, canonical })
  }

  /** Nobody changes what they hold themselves, by mail either. */
  async #refuseOwn(trx: Trx, { canonical }: Address, { giver }: By): Promise<void> {
    const own = giver && (await findUserById(trx, giver.userId))
    if (own?.email_canonical === canonical) throw accessErrors.own_roles_unchangeable()
  }

  /** No later than the end of what whoever sends it holds. */
  async #endOf(trx: Trx, row: InvitationRow): Promise<number> {
    if (row.giver_id === null) return row.expires_at
    const promised = await promisedBy(trx, row)
    const end = await this.#with.authority.endOf(trx, row.giver_id, promised)
    return Math.min(row.expires_at, end ?? row.expires_at)
  }

  async list(organisationId: string): Promise<readonly InvitationView[]> {
    const { clock, database } = this.#parts
    const rows = await findInvitations(database.reader, organisationId, clock.now())
    return rows.map(invitationView)
  }

  revoke(reference: string, id: string, by: By): Promise<void> {
    return this.#with.changes.run({ reference, by, permission: remove }, async ({ row, trx }) => {
      const ended = await this.#endings.end(trx, { organisationId: row.id, id }, by)
      if (ended === 0) throw organisationErrors.invitation_not_found()
    })
  }

  /**
   * Looks at an invitation and changes nothing: scanners open links. One whose sender could not give it
   * any more is none, nor is one to another organisation than that of `realm`.
   */
  async inspect(token: string, realm?: string): Promise<SeenInvitation | undefined> {
    const row = await this.#findOpen(token)
    const isHere = row && isUsableAt(row.organisation_id, realm)
    if (!isHere || !(await this.#seemsGiven(row))) return undefined
    const { email, email_canonical: emailCanonical, organisation_name: organisation } = row
    return { organisation, email, emailCanonical }
  }

  /**
   * Makes whoever proved the invited address a member, once; somebody who is one already gets nothing.
   * Throws `invitation_invalid`, which is one answer for an invitation that is used, revoked, expired,
   * for another address, by somebody who could not give it now, or none at all.
   */
  async accept({ origin, token, userId }: Acceptance): Promise<string> {
    const found = await this.#findOpen(token)
    if (!found) throw organisationErrors.invitation_invalid()
    const by: By = { actor: { kind: 'user', id: userId }, ...(origin ? { origin } : {}) }
    const { database, revocations } = this.#parts
    return database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'user', id: userId })
      await this.#consume(trx, found, userId)
      const giverId = await this.#demandSender(trx, found, userId)
      const { id: invitationId, organisation_id: organisationId } = found
      const payload = { organisationId, invitationId, userId }
      await this.#with.changes.record(trx, 'organisation.invitation_accepted', { payload, by })
      const invited = json.decode<readonly string[]>(found.roles)
      await this.#parts.access.settleRoles(trx, invited)
      const roles = invited.filter((role) => this.#has(role))
      await this.#with.members.join(trx, { organisationId, userId, roles, by, giverId })
      return organisationId
    })
  }

  /** The job that forgets invitations whose time is over. */
  async sweep(signal?: AbortSignal): Promise<void> {
    const { clock, database } = this.#parts
    const before = clock.now() - keepExpiredMs
    await inBatches(database, { size: 500, signal }, (trx, size) =>
      deleteExpiredInvitations(trx, before, size),
    )
  }

  /** The account is held while its address is compared: a change of it waits. */
  async #consume(trx: Trx, { id, organisation_id }: OpenInvitation, userId: string): Promise<void> {
    await lockUser(trx, userId)
    const user = await findUserById(trx, userId)
    const possible = user && this.#with.members.mayJoin(user, { id: organisation_id })
    const emailCanonical = possible ? user.email_canonical : undefined
    const spent =
      emailCanonical !== undefined &&
      (await consumeInvitation(trx, { id, emailCanonical, now: this.#parts.clock.now() }))
    if (!spent) throw organisationErrors.invitation_invalid()
  }

  /**
   * Whose gift the roles are; undefined: nobody's. The announcement's row lock makes this and the loss of
   * what the sender holds wait for each other.
   */
  async #demandSender(trx: Trx, row: OpenInvitation, userId: string): Promise<string | undefined> {
    const { giver_id: giverId, invited_by: sender } = row
    if (giverId === userId || sender === userId) throw organisationErrors.invitation_invalid()
    if (giverId === null) return undefined
    const promised = await promisedBy(trx, row)
    const keeps = await this.#with.authority.keeps(trx, giverId, promised)
    if (!keeps) throw organisationErrors.invitation_invalid()
    return promised.roles.length === 0 ? undefined : giverId
  }

  /** For showing alone: nothing is held meanwhile. */
  async #seemsGiven(row: OpenInvitation): Promise<boolean> {
    const { reader } = this.#parts.database
    if (row.giver_id === null) return true
    const promised = await promisedBy(reader, row)
    return this.#with.authority.seemsToKeep(reader, row.giver_id, promised)
  }

  #findOpen(token: string): Promise<OpenInvitation | undefined> {
    if (!isTokenShaped(token)) return Promise.resolve(undefined)
    const { clock, database } = this.#parts
    return findOpenInvitation(database.reader, hashToken(token), clock.now())
  }

  limitClient(clientKey: string): Promise<void> {
    return this.#mails.limitClient(clientKey)
  }

  #has(role: string): boolean {
    const { access, superAdminRole } = this.#parts
    return role !== superAdminRole && access.roles.has(role)
  }
}
