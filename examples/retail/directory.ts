import type { Security } from 'holdfast/express'
import type { AssignableRole, Giver, PeopleDirectory, Person } from './assign.ts'
import type { Assignment } from './scope.ts'

/** Holdfast's accounts as the assignment of people needs them. */
export class HoldfastPeople implements PeopleDirectory {
  readonly #security: Security

  constructor(security: Security) {
    this.#security = security
  }

  async findByEmail(email: string): Promise<Person | undefined> {
    // `find` also takes ids and usernames; here only an address names a person.
    const account = email.includes('@') ? await this.#security.users.find(email) : undefined
    if (!account) return undefined
    const { id, roles, status } = account
    return { id, email: account.email, roles, active: status === 'active' }
  }

  async giveRole(userId: string, role: AssignableRole, giver: Giver): Promise<string | undefined> {
    return refusalOf(this.#security.users.grantRole(userId, role, authorityOf(giver)))
  }

  async takeRole(userId: string, role: AssignableRole, giver: Giver): Promise<string | undefined> {
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
