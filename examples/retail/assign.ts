import type { Origin } from 'holdfast/express'
import type { Assignment } from './scope.ts'
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
  readonly roles: readonly string[]
}

/** Who gives. An operator sits at the command line, with the database at hand. */
export type Giver =
  | { readonly kind: 'operator' }
  | {
      readonly kind: 'user'
      readonly userId: string
      readonly roles: readonly string[]
      /** Where the request came from, for the record. */
      readonly origin?: Origin
    }

/** Where somebody may assign. */
export type Reach =
  | { readonly kind: 'everywhere' }
  | { readonly kind: 'company'; readonly companyId: string }
  | { readonly kind: 'none' }

/** What the example needs of Holdfast to assign people. */
export interface PeopleDirectory {
  findByEmail(email: string): Promise<Person | undefined>
  /** Resolves to the sentence of a refusal, or to undefined when the person now has the role. */
  giveRole(userId: string, role: AssignableRole, giver: Giver): Promise<string | undefined>
  takeRole(userId: string, role: AssignableRole, giver: Giver): Promise<string | undefined>
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
  readonly #now: () => number

  constructor(store: RetailStore, people: PeopleDirectory, now: () => number) {
    this.#store = store
    this.#people = people
    this.#now = now
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
    const own = this.#store.findAssignment(giver.userId)
    if (!own || !giver.roles.includes('admin')) return { kind: 'none' }
    return { kind: 'company', companyId: own.companyId }
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
    for (const other of ASSIGNABLE_ROLES) {
      if (other === role || !person.roles.includes(other)) continue
      const refusal = await this.#people.takeRole(person.id, other, giver)
      if (refusal) return { kind: 'refused', faults: [refusal] }
    }
    const assignment = {
      userId: person.id,
      email: person.email,
      companyId,
      storeId,
      assignedBy: giver.kind === 'user' ? giver.userId : 'operator',
      assignedAt: this.#now(),
    }
    await this.#people.record(assignment, giver)
    this.#store.saveAssignment(assignment)
    const refusal = person.roles.includes(role)
      ? undefined
      : await this.#people.giveRole(person.id, role, giver)
    return refusal ? { kind: 'refused', faults: [refusal] } : { kind: 'assigned', assignment, role }
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
    const before = this.#store.findAssignment(person.id)?.companyId
    const foreign = request.company !== own || (before !== undefined && before !== own)
    return [
      ...(foreign ? ['You assign people within your own company only.'] : []),
      ...(person.roles.some((role) => ADMINISTRATORS.includes(role)) ? [OUTRANKED] : []),
    ]
  }
}

const NOWHERE = 'You have no company yet, so there is nobody whom you could assign.'
const OUTRANKED = 'That person is an administrator. Only the super administrator assigns her.'

function personFaults(person: Person | undefined, giver: Giver): string[] {
  if (!person) return ['Nobody has registered with that address.']
  if (!person.active) return ['That person has not confirmed the address, or is locked out.']
  if (giver.kind === 'user' && giver.userId === person.id) {
    return ['Somebody else has to give you a company.']
  }
  return []
}
