import { afterAll, beforeAll } from 'vitest'
import type { SecurityOptions } from '../../src/config/index.ts'
import type { Trx } from '../../src/database/index.ts'
import type { Organisations, OrganisationView } from '../../src/organisations/index.ts'
import { createTestSecurity, type TestSecurity } from '../../src/testing/index.ts'
import { defaultRealm, insertUser, type UserRow } from '../../src/users/index.ts'
import { type EngineName, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'

/** Organisations on a database of their own, with accounts that have no password. */
export interface OrganisationBench {
  readonly kit: TestSecurity
  readonly organisations: Organisations
  /** An account in use; `more` is what is not as usual about it. */
  person(more?: Partial<UserRow>): Promise<UserRow>
  /** An organisation of its own with an owner. */
  organisation(): Promise<OrganisationView & { readonly owner: UserRow }>
  /** A member with these roles there and none elsewhere. */
  memberOf(organisation: { readonly id: string }, roles?: readonly string[]): Promise<UserRow>
  /** The token of the last invitation mailed to an address. */
  tokenOf(email: string): Promise<string>
  inTrx<T>(work: (trx: Trx) => Promise<T>): Promise<T>
  /** Names of the events recorded about an organisation, by alphabet. */
  recordOf(organisationId: string): Promise<readonly string[]>
}

const roles = {
  editor: { permissions: ['read:documents', 'write:documents'] },
  inviter: { permissions: ['read:documents', '*:security:invitations', 'write:security:members'] },
  remover: { permissions: ['*:security:members', 'read:documents'] },
} as const

const resources = { documents: { tenant: false } } as const

/** Opens a bench for one engine, and closes it after the tests. */
export function openOrganisationBench(
  engine: EngineName,
  options: Partial<SecurityOptions> = {},
): OrganisationBench {
  let fresh: FreshDatabase
  let kit: TestSecurity
  let count = 0
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    kit = await createTestSecurity({
      database: fresh.url,
      access: { roles, resources },
      ...options,
    })
    await kit.security.parts.ground.jobs.stop()
  })
  afterAll(async () => {
    await kit?.close()
    await fresh?.drop()
  })
  const ground = () => kit.security.parts.ground
  const person = async (more: Partial<UserRow> = {}) => {
    const row = { ...rowOf(++count), ...more }
    await ground().database.transaction((trx) => insertUser(trx, row))
    return row
  }
  const memberOf = async ({ id }: { readonly id: string }, held: readonly string[] = []) => {
    const row = await person()
    await kit.security.organisations.addMember(id, { userId: row.id, roles: held })
    return row
  }
  return {
    get kit() {
      return kit
    },
    get organisations() {
      return kit.security.organisations
    },
    person,
    memberOf,
    organisation: async () => {
      const owner = await person()
      const slug = `acme-${++count}`
      const view = await kit.security.organisations.create({
        ...{ name: `Acme ${count}`, slug, owner: owner.id },
      })
      return { ...view, owner }
    },
    tokenOf: async (email) => {
      await kit.deliverMail()
      return kit.mailbox.latestToken(email)
    },
    inTrx: (work) => ground().database.transaction(work),
    recordOf: async (organisationId) => {
      const rows = await ground()
        .database.reader.selectFrom('hf_audit')
        .select(['action', 'organisation_id'])
        .where('resource_kind', '=', 'organisation')
        .where('resource_id', '=', organisationId)
        .orderBy('id')
        .execute()
      return rows
        .filter(({ organisation_id }) => organisation_id === organisationId)
        .map(({ action }) => action.replace('organisation.', ''))
        .sort()
    },
  }
}

function rowOf(count: number): UserRow {
  const email = `Person${count}@example.com`
  return {
    id: `01980000-0000-7000-8000-${String(count).padStart(12, '0')}`,
    realm: defaultRealm,
    ...{ email, email_canonical: email.toLowerCase() },
    ...{ username: null, username_canonical: null, display_name: null, company_name: null },
    ...{ status: 'active', status_reason: null, locked_until: null, metadata: '{}' },
    ...{ created_at: 1, created_by: null, verified_at: 1, last_sign_in_at: null },
    ...{ last_sign_in_ip: null, last_failure_at: null, credentials_version: 0, erase_at: null },
    ...{ totp_since: null, passkeys: 0, mfa_due_at: null },
  }
}
