import { type Access, accessErrors, actorOf, type By, recordOf } from '../access/index.ts'
import type { Database, Db, Trx } from '../database/index.ts'
import { commonErrors } from '../errors/index.ts'
import type { EventMap, Recorder } from '../events/index.ts'
import { findOrganisation, organisationErrors } from '../organisations/index.ts'
import { type Clock, type Random, uuidv7 } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { apiKeyErrors } from './errors.ts'
import { lentRoleUntil } from './lending.ts'
import {
  changeServiceAccount,
  deletePrincipalGrant,
  findGrantsOfAll,
  findPrincipalGrants,
  findServiceAccount,
  findServiceAccounts,
  insertServiceAccount,
  type Principal,
  putPrincipalGrant,
} from './owner-store.ts'
import { checkRoleEnd } from './request.ts'
import {
  accountViewOf,
  grantOf,
  type PrincipalGrant,
  type ServiceAccountView,
} from './service-account-view.ts'
import type { PrincipalGrantRow, ServiceAccountRow } from './table.ts'

const mostListed = 500

export interface ServiceAccountsParts {
  readonly database: Database
  readonly access: Access
  readonly recorder: Recorder
  readonly revocations: Revocations
  readonly clock: Clock
  readonly random: Random
  readonly superAdminRole: string
}

/** What is said of a new service account. */
export interface NewServiceAccount {
  /** At most 100 characters, unlike any other's. */
  readonly name: string
  /** Id or short name of the organisation in which it acts; absent: in none. */
  readonly organisation?: string | undefined
  readonly roles?: readonly string[] | undefined
}

/** Whose roles are changed. */
export interface PrincipalName {
  readonly kind: 'service_account' | 'organisation'
  readonly id: string
}

/**
 * Accounts of programs, and the roles of organisations as owners of keys: same rules and same record as
 * for people. They hold roles and keys, have no password, and sign in nowhere.
 */
export class ServiceAccounts {
  readonly #parts: ServiceAccountsParts

  constructor(parts: ServiceAccountsParts) {
    this.#parts = parts
  }

  /**
   * Makes a service account. Throws `service_account_exists`, `organisation_not_found`, and what
   * `grantRole` throws for the roles.
   */
  async create(input: NewServiceAccount, by: By = {}): Promise<ServiceAccountView> {
    const { clock, database, random } = this.#parts
    const now = clock.now()
    const id = uuidv7(now, random)
    checkName(input.name)
    await database.transaction(async (trx) => {
      const row: ServiceAccountRow = {
        ...{ id, name: input.name.trim(), status: 'active', created_at: now },
        organisation_id: await this.#organisationId(trx, input.organisation),
        created_by: actorOf(by).id ?? null,
      }
      if (!(await insertServiceAccount(trx, row))) throw apiKeyErrors.service_account_exists()
      await this.#record(trx, 'service_account.created', id, by)
      for (const role of new Set(input.roles ?? [])) {
        await this.#grant(trx, { kind: 'service_account', id }, { role, by })
      }
    })
    return this.get(id)
  }

  /** Service accounts in the order of their creation; at most 500. */
  async list(): Promise<readonly ServiceAccountView[]> {
    const { clock, database } = this.#parts
    const rows = await findServiceAccounts(database.reader, mostListed)
    const ids = rows.map(({ id }) => id)
    const all = { kind: 'service_account', ids } as const
    const grants = await findGrantsOfAll(database.reader, all, clock.now())
    const grantsOf = Map.groupBy(grants, ({ principal_id }) => principal_id)
    return rows.map((row) => accountViewOf(row, grantsOf.get(row.id) ?? []))
  }

  /** A service account by id or name. Throws `service_account_not_found`. */
  async get(name: string): Promise<ServiceAccountView> {
    return this.#view(await this.#row(this.#parts.database.reader, name))
  }

  /** Closes a service account: none of its keys works until it is opened again. */
  disable(name: string, by: By = {}): Promise<void> {
    return this.#change(name, 'disabled', by)
  }

  /** Opens a service account again, with the keys that it had. */
  enable(name: string, by: By = {}): Promise<void> {
    return this.#change(name, 'active', by)
  }

  /** The roles that a service account, or an organisation as owner of keys, holds now. Throws when there is none. */
  async roles(named: PrincipalName): Promise<readonly PrincipalGrant[]> {
    const { reader } = this.#parts.database
    return this.#grants(reader, await this.#find(reader, named))
  }

  /**
   * Gives a role; false when it is held already. Throws `invalid_request` for an end that has
   * passed, `role_unknown`, `role_outranks_giver`, `service_account_not_found` and `organisation_not_found`.
   */
  async grantRole(
    named: PrincipalName,
    role: string,
    by: By & { readonly expiresAt?: number | undefined } = {},
  ): Promise<boolean> {
    return this.#parts.database.transaction(async (trx) => {
      const { expiresAt } = by
      return this.#grant(trx, await this.#find(trx, named), { role, by, expiresAt })
    })
  }

  /** Takes a role away. Throws `grant_missing`, and what `grantRole` throws. */
  async withdrawRole(named: PrincipalName, role: string, by: By = {}): Promise<void> {
    const { database, revocations } = this.#parts
    await database.transaction(async (trx) => {
      const principal = await this.#find(trx, named)
      await revocations.announce(trx, { kind: 'key', id: principal.id })
      await this.#authorise(trx, role, by)
      if (!(await deletePrincipalGrant(trx, rowOf(principal), role))) {
        throw accessErrors.grant_missing()
      }
      await this.#recordRole(trx, 'principal_role.withdrawn', { principal, role, by })
    })
  }

  async #grant(
    trx: Trx,
    principal: PrincipalName,
    grant: { readonly role: string; readonly by: By; readonly expiresAt?: number | undefined },
  ): Promise<boolean> {
    const { clock, revocations } = this.#parts
    const { by, role } = grant
    const now = clock.now()
    checkRoleEnd(grant.expiresAt, now)
    await revocations.announce(trx, { kind: 'key', id: principal.id })
    await this.#authorise(trx, role, by)
    const expiresAt = await lentRoleUntil(this.#parts.access, trx, { ...grant, giver: by.giver })
    const row: PrincipalGrantRow = {
      ...{ ...rowOf(principal), role, granted_at: now, granted_by: actorOf(by).id ?? null },
      ...{ reason: by.reason ?? null, expires_at: expiresAt ?? null },
    }
    if (!(await putPrincipalGrant(trx, row, now))) return false
    await this.#recordRole(trx, 'principal_role.granted', { principal, role, by, expiresAt })
    return true
  }

  /** Nobody gives or takes what they do not hold, and everything is for people alone. */
  async #authorise(trx: Trx, role: string, { giver }: By): Promise<void> {
    const { access, superAdminRole } = this.#parts
    await access.settleRoles(trx, [role])
    const isEverything = (name: string) =>
      name === superAdminRole || access.permissionsOf([name]).patterns.includes('*')
    if (!access.roles.has(role) || isEverything(role)) {
      const roles = access.roles.names.filter((name) => !isEverything(name))
      const explanation = `a program can hold none but ${roles.join(', ')}`
      throw accessErrors.role_unknown({ members: { roles }, explanation })
    }
    if (giver) await access.refuseOutranked(trx, giver, [role])
  }

  async #change(name: string, status: ServiceAccountRow['status'], by: By): Promise<void> {
    const { database, revocations } = this.#parts
    await database.transaction(async (trx) => {
      const { id } = await this.#row(trx, name)
      await revocations.announce(trx, { kind: 'key', id })
      await this.#authoriseAll(trx, id, by)
      if (!(await changeServiceAccount(trx, id, status))) return
      const verb = status === 'active' ? 'enabled' : 'disabled'
      await this.#record(trx, `service_account.${verb}`, id, by)
    })
  }

  /** Nobody opens or closes what holds more than they do. */
  async #authoriseAll(trx: Trx, id: string, { giver }: By): Promise<void> {
    if (!giver) return
    const grants = await this.#grants(trx, { kind: 'service_account', id })
    const roles = grants.map(({ role }) => role)
    await this.#parts.access.refuseOutranked(trx, giver, roles)
  }

  async #row(db: Db, name: string): Promise<ServiceAccountRow> {
    const row = await findServiceAccount(db, name)
    if (!row) throw apiKeyErrors.service_account_not_found()
    return row
  }

  /** By its id, whichever of its names was given: grants are of ids alone. */
  async #find(db: Db, { id, kind }: PrincipalName): Promise<PrincipalName> {
    if (kind === 'service_account') return { kind, id: (await this.#row(db, id)).id }
    return { kind, id: (await this.#organisationId(db, id)) ?? id }
  }

  async #organisationId(db: Db, reference: string | undefined): Promise<string | null> {
    if (reference === undefined) return null
    const row = await findOrganisation(db, reference)
    if (row?.status !== 'active') throw organisationErrors.organisation_not_found()
    return row.id
  }

  async #view(row: ServiceAccountRow): Promise<ServiceAccountView> {
    const { clock, database } = this.#parts
    const principal = rowOf({ kind: 'service_account', id: row.id })
    return accountViewOf(row, await findPrincipalGrants(database.reader, principal, clock.now()))
  }

  async #grants(db: Db, principal: PrincipalName): Promise<readonly PrincipalGrant[]> {
    const rows = await findPrincipalGrants(db, rowOf(principal), this.#parts.clock.now())
    return rows.map(grantOf)
  }

  async #record(trx: Trx, name: ServiceAccountEvent, id: string, by: By): Promise<void> {
    await this.#parts.recorder.record(trx, {
      name,
      ...recordOf(by),
      resource: { kind: 'service_account', id },
      payload: { serviceAccountId: id },
    })
  }

  async #recordRole(
    trx: Trx,
    name: 'principal_role.granted' | 'principal_role.withdrawn',
    change: {
      readonly principal: PrincipalName
      readonly role: string
      readonly by: By
      readonly expiresAt?: number | undefined
    },
  ): Promise<void> {
    const { by, expiresAt, principal, role } = change
    await this.#parts.recorder.record(trx, {
      name,
      ...recordOf(by),
      resource: principal,
      payload: {
        ...{ principalKind: principal.kind, principalId: principal.id, role },
        ...(expiresAt === undefined ? {} : { expiresAt }),
      },
    })
  }
}

type ServiceAccountEvent = Extract<keyof EventMap, `service_account.${string}`>

const rowOf = ({ id, kind }: PrincipalName): Principal => ({
  principal_kind: kind,
  principal_id: id,
})

function checkName(name: string): void {
  if (name.trim() !== '' && name.length <= 100 && !/\p{Cc}/u.test(name)) return
  const detail = 'A name is 1 to 100 characters on one line.'
  throw commonErrors.invalid_request({
    faults: [{ pointer: '#/body/name', code: 'invalid_name', detail }],
    explanation: `name: ${detail}`,
  })
}
