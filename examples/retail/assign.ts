import type { Origin } from 'holdfast/express'
import type { Membership } from './companies.ts'
import type { RetailStore } from './store.ts'

/** Roles that an assignment gives; exactly one of them at a time. */
export const ASSIGNABLE_ROLES = ['employee', 'manager', 'admin'] as const

/** Roles whose holders the super administrator and operators alone assign. */
const ADMINISTRATORS: readonly string[] = ['admin', 'super_admin']

export type AssignableRole = (typeof ASSIGNABLE_ROLES)[number]

/** A person as Holdfast knows her. */
export interface Person {
  readonly id: string
  readonly email: string
  /** True once the address is confirmed and the account is not disabled. */
  readonly active: boolean
  /** Held everywhere. */
  readonly roles: readonly string[]
  readonly memberships: readonly Membership[]
}

/** Who gives. An operator sits at the command line, with the database at hand. */
export type Giver =
  | { readonly kind: 'operator' }
  | {
      readonly kind: 'user'
      readonly userId: string
      /** Held everywhere and in the company of the request. */
      readonly roles: readonly string[]
      /** The company of the request; absent: it named none. */
      readonly companyId?: string
      /** Where the request came from, for the record. */
      readonly origin?: Origin
    }

/** Where somebody may assign. */
export type Reach =
  | { readonly kind: 'everywhere' }
  | { readonly kind: 'company'; readonly companyId: string }
  | { readonly kind: 'none' }

/** What an administrator gave a person. It comes from nowhere else: never from registration. */
export interface Assignment {
  readonly userId: string
  readonly email: string
  readonly companyId: string
  /** The one store of an employee; null for people who see the whole company. */
  readonly storeId: string | null
}

/** A person in a company. */
export interface Seat {
  readonly userId: string
  readonly companyId: string
}

/** What the example needs of Holdfast. Each change resolves to the sentence of a refusal, or to undefined. */
export interface PeopleDirectory {
  findByEmail(email: string): Promise<Person | undefined>
  /** Makes her a member with one role. */
  join(seat: Seat, role: AssignableRole, giver: Giver): Promise<string | undefined>
  leave(seat: Seat, giver: Giver): Promise<string | undefined>
  giveRole(seat: Seat, role: AssignableRole, giver: Giver): Promise<string | undefined>
  takeRole(seat: Seat, role: AssignableRole, giver: Giver): Promise<string | undefined>
  /** Takes a role that is held everywhere. */
  takeRoleEverywhere(
    userId: string,
    role: AssignableRole,
    giver: Giver,
  ): Promise<string | undefined>
  /** Writes the assignment into the audit log; when that fails, nothing is assigned. */
  record(assignment: Assignment, giver: Giver): Promise<void>
}

/** What was asked for, as text from a form or a command line. */
export interface AssignRequest {
  readonly email: string
  readonly role: string
  readonly company: string
  /** Empty: none. */
  readonly store: string
}

export type AssignResult =
  | { readonly kind: 'assigned'; readonly assignment: Assignment; readonly role: AssignableRole }
  | { readonly kind: 'refused'; readonly faults: readonly string[] }

interface Order {
  readonly person: Person
  readonly role: AssignableRole
  readonly companyId: string
  readonly storeId: string | null
}

/**
 * Gives people their company, store and role. Operators and the super administrator assign
 * everywhere, an administrator within her own company only and without one nowhere. Nobody assigns
 * herself, and who is an administrator or becomes one is not for administrators to say.
 */
export class Assigner {
  readonly #store: RetailStore
  readonly #people: PeopleDirectory

  constructor(store: RetailStore, people: PeopleDirectory) {
    this.#store = store
    this.#people = people
  }

  async assign(request: AssignRequest, giver: Giver): Promise<AssignResult> {
    if (this.reachOf(giver).kind === 'none') return { kind: 'refused', faults: [NOWHERE] }
    const person = await this.#people.findByEmail(request.email.trim())
    const faults = this.#faultsOf(request, person, giver)
    const role = ASSIGNABLE_ROLES.find((one) => one === request.role)
    if (!person || !role || faults.length > 0) return { kind: 'refused', faults }
    const storeId = request.store === '' ? null : request.store
    return this.#carryOut({ person, role, companyId: request.company, storeId }, giver)
  }

  reachOf(giver: Giver): Reach {
    if (giver.kind === 'operator' || giver.roles.includes('super_admin')) {
      return { kind: 'everywhere' }
    }
    const { companyId, roles } = giver
    if (companyId === undefined || !roles.includes('admin')) return { kind: 'none' }
    return { kind: 'company', companyId }
  }

  /** The roles that somebody may give. */
  rolesFor(giver: Giver): readonly AssignableRole[] {
    const { kind } = this.reachOf(giver)
    if (kind === 'none') return []
    return ASSIGNABLE_ROLES.filter((role) => kind === 'everywhere' || role !== 'admin')
  }

  /** Takes first and gives last: when a step fails, the person sees less, never more. */
  async #carryOut(order: Order, giver: Giver): Promise<AssignResult> {
    const { person, role, companyId, storeId } = order
    const { email, id: userId } = person
    const refused = (fault: string) => ({ kind: 'refused', faults: [fault] }) as const
    const taken = await this.#take(order, giver)
    if (taken !== undefined) return refused(taken)
    const assignment = { userId, email, companyId, storeId }
    await this.#people.record(assignment, giver)
    this.#store.saveMemberStore({ userId, companyId }, storeId)
    const given = await this.#give({ person, role, companyId }, giver)
    return given === undefined ? { kind: 'assigned', assignment, role } : refused(given)
  }

  /** Ends every other company and every other role, those that are held everywhere as well. */
  async #take({ companyId, person, role }: Order, giver: Giver): Promise<string | undefined> {
    const userId = person.id
    for (const held of ASSIGNABLE_ROLES.filter((one) => person.roles.includes(one))) {
      const refusal = await this.#people.takeRoleEverywhere(userId, held, giver)
      if (refusal !== undefined) return refusal
    }
    for (const own of person.memberships) {
      const seat = { userId, companyId: own.companyId }
      const isHere = own.companyId === companyId
      const refusal = isHere
        ? await this.#takeRoles(
            seat,
            own.roles.filter((one) => one !== role),
            giver,
          )
        : await this.#people.leave(seat, giver)
      if (refusal !== undefined) return refusal
      if (!isHere) this.#store.saveMemberStore(seat, null)
    }
    return undefined
  }

  async #takeRoles(
    seat: Seat,
    roles: readonly string[],
    giver: Giver,
  ): Promise<string | undefined> {
    for (const role of ASSIGNABLE_ROLES.filter((one) => roles.includes(one))) {
      const refusal = await this.#people.takeRole(seat, role, giver)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  async #give(
    { companyId, person, role }: Omit<Order, 'storeId'>,
    giver: Giver,
  ): Promise<string | undefined> {
    const seat = { userId: person.id, companyId }
    const here = person.memberships.find((own) => own.companyId === companyId)
    if (!here) return this.#people.join(seat, role, giver)
    return here.roles.includes(role) ? undefined : this.#people.giveRole(seat, role, giver)
  }

  #faultsOf(request: AssignRequest, person: Person | undefined, giver: Giver): string[] {
    return [
      ...personFaults(person, giver),
      ...this.#placeFaults(request, giver),
      ...(person ? this.#reachFaults(request, person, giver) : []),
    ]
  }

  #placeFaults({ role, company, store }: AssignRequest, giver: Giver): string[] {
    const faults: string[] = []
    const roles = this.rolesFor(giver)
    if (!roles.some((one) => one === role)) {
      faults.push(`The role must be one of ${roles.join(', ')}.`)
    }
    if (!this.#store.companies().some((one) => one.companyId === company)) {
      faults.push('There is no such company.')
    } else if (store !== '' && !this.#belongs(store, company)) {
      faults.push('That company has no such store.')
    }
    if (role === 'employee' && store === '') faults.push('An employee needs a store.')
    if (role !== 'employee' && store !== '') faults.push('Only an employee is given a store.')
    return faults
  }

  #belongs(storeId: string, companyId: string): boolean {
    return this.#store
      .stores()
      .some((store) => store.storeId === storeId && store.companyId === companyId)
  }

  #reachFaults(request: AssignRequest, person: Person, giver: Giver): string[] {
    const reach = this.reachOf(giver)
    if (reach.kind === 'everywhere') return []
    const own = reach.kind === 'company' ? reach.companyId : undefined
    const elsewhere = person.memberships.some(({ companyId }) => companyId !== own)
    const held = [...person.roles, ...person.memberships.flatMap(({ roles }) => roles)]
    return [
      ...(request.company !== own || elsewhere ? [FOREIGN] : []),
      ...(held.some((role) => ADMINISTRATORS.includes(role)) ? [OUTRANKED] : []),
    ]
  }
}

const NOWHERE = 'You have no company yet, so there is nobody whom you could assign.'
const FOREIGN = 'You assign people within your own company only.'
const OUTRANKED = 'That person is an administrator. Only the super administrator assigns her.'

function personFaults(person: Person | undefined, giver: Giver): string[] {
  if (!person) return ['Nobody has registered with that address.']
  if (!person.active) return ['That person has not confirmed the address, or is locked out.']
  if (giver.kind === 'user' && giver.userId === person.id) {
    return ['Somebody else has to give you a company.']
  }
  return []
}
