import type { By } from '../access/index.ts'
import { canonicalEmail, hashToken, isTokenShaped, newToken } from '../crypto/index.ts'
import { inBatches, json, type Trx } from '../database/index.ts'
import { commonErrors } from '../errors/index.ts'
import type { Origin } from '../events/index.ts'
import { rateLimited } from '../limits/index.ts'
import { uuidv7 } from '../ports/index.ts'
import { findUserById, lockUser } from '../users/index.ts'
import type { Authority } from './authority.ts'
import { type Changes, idOf } from './changes.ts'
import { organisationErrors } from './errors.ts'
import {
  consumeInvitation,
  deleteExpiredInvitations,
  findInvitations,
  findOpenInvitation,
  insertInvitation,
  type OpenInvitation,
  revokeInvitations,
} from './invitation-store.ts'
import type { Members } from './members.ts'
import type { OrganisationParts } from './parts.ts'
import { refuseRole } from './roles.ts'
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

/** An address as it was written and as it is compared. */
interface Address {
  readonly address: string
  readonly canonical: string
}

const write = 'write:security:invitations'
const remove = 'delete:security:invitations'
const keepExpiredMs = 24 * 60 * 60 * 1000

/**
 * Invitations by mail: 256 random bits, stored as a hash, for one address, once, and not for long. What
 * they give is looked at when they are made; they end when whoever made them holds less.
 */
export class Invitations {
  readonly #parts: OrganisationParts
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
  }

  /** Invites an address; what waited for the same address there ends. */
  async invite(
    reference: string,
    invitation: NewMemberInvitation,
    by: By,
  ): Promise<InvitationView> {
    const { authority, changes } = this.#with
    const { roles = [this.#parts.rules.memberRole] } = invitation
    for (const role of roles) refuseRole(this.#parts, role)
    const email = readEmail(invitation.email)
    await this.#limitAddress(email)
    return changes.run({ reference, by, permission: write }, async ({ row, trx }) => {
      const organisationId = row.id
      if (by.giver) await authority.refuseOutranked(trx, by.giver, { organisationId, roles })
      return invitationView(await this.send(trx, row, { email, roles, by }))
    })
  }

  /** Writes an invitation and its mail. */
  async send(
    trx: Trx,
    organisation: Pick<OrganisationRow, 'id' | 'name'>,
    to: { readonly email: Address; readonly roles: readonly string[]; readonly by: By },
  ): Promise<InvitationRow> {
    const { clock, random } = this.#parts
    const { by, email, roles } = to
    await this.#parts.access.settleRoles(trx, roles)
    for (const role of roles) refuseRole(this.#parts, role)
    const now = clock.now()
    const token = newToken(random)
    const row: InvitationRow = {
      id: uuidv7(now, random),
      organisation_id: organisation.id,
      email: email.address,
      email_canonical: email.canonical,
      roles: json.encode(roles),
      token_hash: hashToken(token),
      invited_by: idOf(by),
      created_at: now,
      expires_at: now + this.#parts.invitationMs,
      used_at: null,
      revoked_at: null,
    }
    const before = { organisationId: organisation.id, emailCanonical: email.canonical, now }
    await revokeInvitations(trx, before)
    await insertInvitation(trx, row)
    await this.#mail(trx, row, { token, organisation: organisation.name })
    const payload = { organisationId: organisation.id, invitationId: row.id }
    await this.#with.changes.record(trx, 'organisation.invited', { payload, by })
    return row
  }

  async list(organisationId: string): Promise<readonly InvitationView[]> {
    const { clock, database } = this.#parts
    const rows = await findInvitations(database.reader, organisationId, clock.now())
    return rows.map(invitationView)
  }

  revoke(reference: string, id: string, by: By): Promise<void> {
    const { changes } = this.#with
    return changes.run({ reference, by, permission: remove }, async ({ row, trx }) => {
      const ended = { organisationId: row.id, id, now: this.#parts.clock.now() }
      if ((await revokeInvitations(trx, ended)) === 0) {
        throw organisationErrors.invitation_not_found()
      }
      const payload = { organisationId: row.id, invitationId: id }
      await changes.record(trx, 'organisation.invitation_revoked', { payload, by })
    })
  }

  /** Looks at an invitation and changes nothing: scanners open links. */
  async inspect(token: string): Promise<SeenInvitation | undefined> {
    const row = await this.#findOpen(token)
    if (!row) return undefined
    const { email, email_canonical: emailCanonical, organisation_name: organisation } = row
    return { organisation, email, emailCanonical }
  }

  /**
   * Makes whoever proved the invited address a member, once. Throws `invitation_invalid`, which is one
   * answer for an invitation that is used, revoked, expired, for another address, or none at all.
   */
  async accept({ origin, token, userId }: Acceptance): Promise<string> {
    const found = await this.#findOpen(token)
    if (!found) throw organisationErrors.invitation_invalid()
    const by: By = { actor: { kind: 'user', id: userId }, ...(origin ? { origin } : {}) }
    const { database, revocations } = this.#parts
    return database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'user', id: userId })
      await this.#consume(trx, found, userId)
      const { id: invitationId, organisation_id: organisationId } = found
      const payload = { organisationId, invitationId, userId }
      await this.#with.changes.record(trx, 'organisation.invitation_accepted', { payload, by })
      const invited = json.decode<readonly string[]>(found.roles)
      await this.#parts.access.settleRoles(trx, invited)
      const roles = invited.filter((role) => this.#has(role))
      await this.#with.members.join(trx, { organisationId, userId, roles, by })
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

  #findOpen(token: string): Promise<OpenInvitation | undefined> {
    if (!isTokenShaped(token)) return Promise.resolve(undefined)
    const { clock, database } = this.#parts
    return findOpenInvitation(database.reader, hashToken(token), clock.now())
  }

  async limitClient(clientKey: string): Promise<void> {
    const verdict = await this.#parts.limits.consume('mail_client', clientKey)
    if (!verdict.allowed) throw rateLimited(verdict)
  }

  /** A share of its own: nobody uses up what the owner of the address asks for. */
  async #limitAddress({ canonical }: Address): Promise<void> {
    const verdict = await this.#parts.limits.consume('mail_address', `organisation ${canonical}`)
    if (!verdict.allowed) throw rateLimited(verdict)
  }

  async #mail(
    trx: Trx,
    row: InvitationRow,
    { organisation, token }: { readonly token: string; readonly organisation: string },
  ): Promise<void> {
    const { appName, invitationMs: lifeMs, invitationPage, outbox, render } = this.#parts
    const template = 'organisation-invitation'
    const link = `${invitationPage}?token=${token}`
    const facts = { at: row.created_at, organisation }
    await outbox.enqueue(trx, {
      kind: template,
      to: row.email,
      ...render(template, { appName, link, lifeMs, facts }),
      expiresAt: row.expires_at,
    })
  }

  #has(role: string): boolean {
    const { access, superAdminRole } = this.#parts
    return role !== superAdminRole && access.roles.has(role)
  }
}

/** An address in its one form. Throws `invalid_request` with its fault. */
export function readEmail(text: string): Address {
  const email = canonicalEmail(text)
  if (email.ok) return email
  const detail = 'This value cannot be taken.'
  throw commonErrors.invalid_request({
    faults: [{ pointer: '#/body/email', code: email.code, detail }],
  })
}
