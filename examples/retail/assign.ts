import type { Assignment } from './scope.ts'
import type { RetailStore } from './store.ts'

/** Roles that an assignment gives; exactly one of them at a time. */
export const ASSIGNABLE_ROLES = ['employee', 'manager', 'admin'] as const

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
  | { readonly kind: 'user'; readonly userId: string; readonly roles: readonly string[] }

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
 * Gives people their company, store and role. Only administrators and operators reach it, nobody
 * assigns herself, and an administrator who belongs to a company assigns within that company only.
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
    const person = await this.#people.findByEmail(request.email.trim())
    const faults = this.#faultsOf(request, person, giver)
    const role = ASSIGNABLE_ROLES.find((one) => one === request.role)
    if (!person || !role || faults.length > 0) return { kind: 'refused', faults }
    const storeId = request.store === '' ? null : request.store
    return this.#carryOut({ person, role, companyId: request.company, storeId }, giver)
  }

  /** The one company within which somebody assigns; undefined for those who assign everywhere. */
  reachOf(giver: Giver): string | undefined {
    if (giver.kind === 'operator' || giver.roles.includes('super_admin')) return undefined
    return this.#store.findAssignment(giver.userId)?.companyId
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
      ...this.#placeFaults(request),
      ...(person ? this.#reachFaults(request, person, giver) : []),
    ]
  }

  #placeFaults({ role, company, store }: AssignRequest): string[] {
    const faults: string[] = []
    if (!ASSIGNABLE_ROLES.some((one) => one === role)) {
      faults.push(`The role must be one of ${ASSIGNABLE_ROLES.join(', ')}.`)
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
    if (reach === undefined) return []
    const before = this.#store.findAssignment(person.id)?.companyId
    const foreign = request.company !== reach || (before !== undefined && before !== reach)
    return foreign ? ['You assign people within your own company only.'] : []
  }
}

function personFaults(person: Person | undefined, giver: Giver): string[] {
  if (!person) return ['Nobody has registered with that address.']
  if (!person.active) return ['That person has not confirmed the address, or is locked out.']
  if (giver.kind === 'user' && giver.userId === person.id) {
    return ['Somebody else has to give you a company.']
  }
  return []
}
