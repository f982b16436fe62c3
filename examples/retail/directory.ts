import type { Security } from 'holdfast/express'
import type { AssignableRole, Assignment, Giver, PeopleDirectory, Person, Seat } from './assign.ts'
import type { Companies } from './companies.ts'

/** Holdfast's accounts and organisations as the assignment of people needs them. */
export class HoldfastPeople implements PeopleDirectory {
  readonly #security: Security
  readonly #companies: Companies

  constructor(security: Security, companies: Companies) {
    this.#security = security
    this.#companies = companies
  }

  async findByEmail(email: string): Promise<Person | undefined> {
    // `find` also takes ids and usernames; here only an address names a person.
    const account = email.includes('@') ? await this.#security.users.find(email) : undefined
    if (!account) return undefined
    const { id, roles, status } = account
    const memberships = await this.#companies.membershipsOf(id)
    return { id, email: account.email, roles, memberships, active: status === 'active' }
  }

  async join(seat: Seat, role: AssignableRole, giver: Giver): Promise<string | undefined> {
    const { organisation, userId } = await this.#at(seat)
    const member = { userId, roles: [role] }
    return refusalOf(
      this.#security.organisations.addMember(organisation, member, authorityOf(giver)),
    )
  }

  async leave(seat: Seat, giver: Giver): Promise<string | undefined> {
    const { organisation, userId } = await this.#at(seat)
    return refusalOf(
      this.#security.organisations.removeMember(organisation, userId, authorityOf(giver)),
    )
  }

  async giveRole(seat: Seat, role: AssignableRole, giver: Giver): Promise<string | undefined> {
    const { organisation, userId } = await this.#at(seat)
    const change = { userId, role }
    return refusalOf(
      this.#security.organisations.grantRole(organisation, change, authorityOf(giver)),
    )
  }

  async takeRole(seat: Seat, role: AssignableRole, giver: Giver): Promise<string | undefined> {
    const { organisation, userId } = await this.#at(seat)
    const change = { userId, role }
    return refusalOf(
      this.#security.organisations.withdrawRole(organisation, change, authorityOf(giver)),
    )
  }

  takeRoleEverywhere(
    userId: string,
    role: AssignableRole,
    giver: Giver,
  ): Promise<string | undefined> {
    return refusalOf(this.#security.users.withdrawRole(userId, role, authorityOf(giver)))
  }

  record({ userId, companyId, storeId }: Assignment, giver: Giver): Promise<void> {
    return this.#security.audit.record({
      action: 'person.assigned',
      actor: actorOf(giver),
      resource: { kind: 'user', id: userId },
      metadata: { company: companyId, store: storeId ?? 'all' },
      ...originOf(giver),
    })
  }

  async #at({ companyId, userId }: Seat) {
    return { organisation: await this.#companies.organisationOf(companyId), userId }
  }
}

/** A person's changes run on her own authority: Holdfast lets nobody move more than she holds. */
function authorityOf(giver: Giver) {
  const reason = 'assigned to a company'
  if (giver.kind === 'operator') return { actor: actorOf(giver), reason }
  const { userId, roles } = giver
  return { giver: { userId, roles }, reason, ...originOf(giver) }
}

function originOf(giver: Giver) {
  return giver.kind === 'user' && giver.origin ? { origin: giver.origin } : {}
}

function actorOf(giver: Giver) {
  return giver.kind === 'user'
    ? ({ kind: 'user', id: giver.userId } as const)
    : ({ kind: 'operator' } as const)
}

/** Refusals of Holdfast have a code and a public sentence; everything else is thrown on. */
async function refusalOf(change: Promise<unknown>): Promise<string | undefined> {
  try {
    await change
    return undefined
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status !== 500) return error.message
    throw error
  }
}
