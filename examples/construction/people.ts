import { randomBytes } from 'node:crypto'
import type { Security } from 'holdfast/express'

/** A person with the password that was made for her. */
export interface MadePerson {
  readonly email: string
  readonly role: string
  readonly password: string
}

/** Their addresses end in .example, where no mail ever arrives. */
const FIRST_PEOPLE = [
  { email: 'admin@construction.example', displayName: 'Administrator', role: 'super_admin' },
  { email: 'manager@construction.example', displayName: 'Site manager', role: 'manager' },
  { email: 'mason@construction.example', displayName: 'Mason', role: 'user' },
] as const

/** Makes who is not there yet, each with a random password; `show` hears of each at once. */
export async function makeFirstPeople(
  security: Security,
  show: (person: MadePerson) => void,
): Promise<void> {
  for (const { displayName, email, role } of FIRST_PEOPLE) {
    if (await security.users.find(email)) continue
    const password = randomBytes(15).toString('base64url')
    await security.users.create({
      email,
      displayName,
      password,
      roles: [...new Set(['user', role])],
    })
    show({ email, role, password })
  }
}
