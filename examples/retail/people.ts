import { randomBytes } from 'node:crypto'
import type { Security } from 'holdfast/express'
import type { AssignableRole } from './assign.ts'
import type { Companies } from './companies.ts'
import type { RetailStore } from './store.ts'

/** Somebody made at the first start. */
interface FirstPerson {
  readonly email: string
  readonly displayName: string
  readonly role: 'super_admin' | AssignableRole
  readonly place?: { readonly companyId: string; readonly storeId: string | null }
}

/** A person with the password that was made for her. */
export interface MadePerson {
  readonly title: string
  readonly email: string
  readonly password: string
}

/** Their addresses end in .example, where no mail ever arrives. */
const FIRST_PEOPLE: readonly FirstPerson[] = [
  { email: 'admin@retail.example', displayName: 'Super administrator', role: 'super_admin' },
  {
    email: 'manager@nordlicht.example',
    displayName: 'Manager, Nordlicht',
    role: 'manager',
    place: { companyId: 'nordlicht', storeId: null },
  },
  {
    email: 'employee@nordlicht.example',
    displayName: 'Employee, Nordlicht Altona',
    role: 'employee',
    place: { companyId: 'nordlicht', storeId: 'HAM' },
  },
  {
    email: 'manager@harbour.example',
    displayName: 'Manager, Harbour & Hearth',
    role: 'manager',
    place: { companyId: 'harbour', storeId: null },
  },
]

export interface FirstPeopleParts {
  readonly security: Security
  readonly companies: Companies
  /** A connection that serves nobody else meanwhile. */
  readonly store: RetailStore
  /** Shows the passwords; called once, and not at all when all were made before. */
  readonly show: (people: readonly MadePerson[]) => void
}

/**
 * Makes the first people with random passwords. Of processes that start at once one does it and the
 * others wait; one that dies half-way is taken up by the next, with the same passwords.
 */
export async function makeFirstPeople(parts: FirstPeopleParts): Promise<void> {
  const { security, store } = parts
  await store.exclusively(async () => {
    for (const { email } of FIRST_PEOPLE) {
      if (!(await security.users.find(email))) store.planPerson(email, randomPassword())
    }
  })
  await store.exclusively(async () => {
    const made: MadePerson[] = []
    for (const person of FIRST_PEOPLE) {
      const password = store.findPlannedPassword(person.email)
      if (password === undefined) continue
      await makePerson(person, password, parts)
      made.push({ title: person.displayName, email: person.email, password })
    }
    if (made.length === 0) return
    parts.show(made)
    store.erasePlannedPasswords()
  })
  store.settle()
}

async function makePerson(
  person: FirstPerson,
  password: string,
  { companies, security, store }: FirstPeopleParts,
): Promise<void> {
  const { email, displayName, role, place } = person
  const account =
    (await security.users.find(email)) ??
    (await security.users.create({
      ...{ email, displayName, password },
      roles: place ? ['user'] : ['user', role],
    }))
  if (!place) return
  const { companyId, storeId } = place
  const organisation = await companies.organisationOf(companyId)
  store.saveMemberStore({ userId: account.id, companyId }, storeId)
  if (await security.organisations.member(organisation, account.id)) return
  const member = { userId: account.id, roles: [role] }
  await security.organisations.addMember(organisation, member, { reason: 'first start' })
}

/** Four groups of five letters and digits: 100 bits, easy to read aloud. */
function randomPassword(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  const signs = Array.from(randomBytes(20), (byte) => alphabet[byte % alphabet.length])
  return [0, 5, 10, 15].map((at) => signs.slice(at, at + 5).join('')).join('-')
}
