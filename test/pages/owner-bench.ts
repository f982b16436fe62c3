import { afterAll, beforeAll, beforeEach } from 'vitest'
import { openSite, type Site } from './site.ts'
import { newMember, type Visitor } from './visitor.ts'

/** A site for the tests of one file, and somebody new for each of them. */
export interface OwnerBench {
  readonly site: Site
  /** The address of who owns the account of this test. */
  readonly email: string
  /** Her browser; she has signed in with her password. */
  readonly owner: Visitor
}

/** Opens the site before the tests of the file, and closes it after them. */
export function openOwnerBench(): OwnerBench {
  let site: Site
  let email = ''
  let owner: Visitor
  let people = 0

  beforeAll(async () => {
    site = await openSite()
  })
  beforeEach(async () => {
    email = `person${++people}@example.com`
    owner = await newMember(site, email)
  })
  afterAll(() => site?.close())

  return {
    get site() {
      return site
    },
    get email() {
      return email
    },
    get owner() {
      return owner
    },
  }
}
