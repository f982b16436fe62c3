import { type Database, type Db, json, type Trx } from '../database/index.ts'
import type { Recorder } from '../events/index.ts'
import type { RoleDefinition, RoleFault } from '../permissions/index.ts'
import { type Clock, type Random, uuidv7 } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import type { Access } from './access.ts'
import { actorOf, type By, recordOf } from './by.ts'
import { type CustomRole, customRoleOf, definitionOf, fixedRoleOf } from './custom-role.ts'
import {
  deleteCustomRole,
  findCustomRoles,
  insertCustomRole,
  isRoleGranted,
  updateCustomRole,
} from './custom-role-store.ts'
import type { CustomRoleRow } from './custom-role-table.ts'
import { accessErrors } from './errors.ts'
import type { Permissions } from './permissions.ts'
import type { Giver } from './role-change.ts'
import { type FullRoleDefinition, fieldFaults, readDefinition } from './role-definition.ts'
import { allRolesOfHolders, type HolderSource, takesAway } from './role-holders.ts'

/** What rooms above know of roles. */
export interface RoleUse extends HolderSource {
  /** Whether somebody holds a role at `now`, or is going to. */
  readonly isHeld: (trx: Trx, role: string, now: number) => Promise<boolean>
  /** The roles that an account holds at `now`. */
  readonly heldBy?: (trx: Trx, userId: string, now: number) => Promise<readonly string[]>
}

export interface CustomRolesParts {
  readonly access: Access
  readonly database: Database
  readonly recorder: Recorder
  readonly revocations: Revocations
  readonly clock: Clock
  readonly random: Random
  /** Where roles are held beside `hf_grants`: in organisations, by programs. */
  readonly uses: readonly RoleUse[]
}

/** Who changes a role, and what they think it is. */
export interface RoleChangeOptions extends By {
  /**
   * The version that is changed, 0 for a new role: with another one nothing happens. Absent: whatever is
   * there.
   */
  readonly version?: number | undefined
  /** For people, at most 500 characters; absent: as it is. */
  readonly description?: string | undefined
  /**
   * For who does not know every role of the app: a new role is refused whose name somebody holds or is
   * invited to, since the options of the app may define it.
   */
  readonly unheld?: boolean | undefined
}

/** Which roles to show. */
export interface RoleQuery {
  /** Default 50, at most 200. */
  readonly limit?: number | undefined
  /** `next` of the page before. */
  readonly after?: string | undefined
}

/** Some roles, in the order of their names. */
export interface RolePage {
  readonly roles: readonly CustomRole[]
  /** For `after` of the next page; null when this is the last. */
  readonly next: string | null
}

/**
 * Roles that are made, changed and removed while the app runs, beside those of the system and of the
 * options, which stay as they are. What a change means counts on the next request, and on other nodes
 * within the time in which they poll.
 */
export class CustomRoles {
  readonly #parts: CustomRolesParts

  constructor(parts: CustomRolesParts) {
    this.#parts = parts
  }

  /** All roles, also those of the system and the app, in the order of their names. */
  async list({ after = '', limit = 50 }: RoleQuery = {}): Promise<RolePage> {
    const { access, database } = this.#parts
    await access.refreshRoles(database.reader)
    const size = Math.min(Math.max(limit, 1), 200)
    const names = access.roles.names.filter((name) => name > after).sort()
    const shown = names.slice(0, size)
    const roles = await this.#views(database.reader, shown)
    return { roles, next: names.length > size ? (shown.at(-1) ?? null) : null }
  }

  /** A role by its name. */
  async find(name: string): Promise<CustomRole | undefined> {
    const { access, database } = this.#parts
    await access.refreshRoles(database.reader)
    const [role] = access.roles.has(name) ? await this.#views(database.reader, [name]) : []
    return role
  }

  /**
   * Makes a role or changes it. Throws `role_fixed`, `role_definition_invalid` with every mistake in
   * `extras.faults`, `role_changed` where it is at another version, and `role_in_use` by `unheld`. On the authority of `by.giver`
   * also `forbidden`, `own_roles_unchangeable` for a role that they hold in whatever way, and
   * `role_outranks_giver` where they do not hold all that it held and will hold, or where it takes
   * something from somebody who holds what they do not.
   */
  async set(
    name: string,
    definition: RoleDefinition,
    options: RoleChangeOptions = {},
  ): Promise<CustomRole> {
    const read = readDefinition(definition)
    if (!read.ok) throw invalid(read.faults)
    if (this.#parts.access.roles.isFixed(name)) throw accessErrors.role_fixed()
    const row = await this.#change(name, async (trx, before) => {
      this.#refuseMistakes(name, read.definition)
      if (options.unheld && !before) await this.#refuseHeld(trx, name)
      await this.#authorise(trx, name, { ...options, after: read.definition })
      return this.#write(trx, { ...options, name, before, definition: read.definition })
    })
    return customRoleOf(row)
  }

  /**
   * Removes a role, also one whose name the options have taken since. Throws `role_fixed` where there is
   * none beside that of the options, `role_not_found`, and `role_in_use` while somebody holds it, is
   * invited to it, or a role inherits it; on the authority of `by.giver` also what `set` throws.
   */
  async remove(name: string, by: By = {}): Promise<void> {
    await this.#change(name, async (trx, row) => {
      const { roles } = this.#parts.access
      if (!row)
        throw roles.isFixed(name) ? accessErrors.role_fixed() : accessErrors.role_not_found()
      await this.#authorise(trx, name, by)
      await this.#refuseInUse(trx, name)
      await deleteCustomRole(trx, name)
      await this.#parts.recorder.record(trx, {
        name: 'role.removed',
        ...recordOf(by),
        resource: { kind: 'role', id: name },
        payload: { role: name, ...definitionOf(row) },
      })
    })
  }

  /**
   * In one transaction that announces the change first, so that changes of roles and gifts of them wait
   * for each other, and then sees every role as it is.
   */
  async #change<T>(
    name: string,
    work: (trx: Trx, row: CustomRoleRow | undefined) => Promise<T>,
  ): Promise<T> {
    const { access, database, revocations } = this.#parts
    const done = await database.transaction(async (trx) => {
      // A name that is too long to be one is no subject either: what it stands for is refused below.
      await revocations.announce(trx, { kind: 'roles', id: name.slice(0, 64) })
      await access.settleRoles(trx, [name])
      const [row] = await findCustomRoles(trx, [name])
      return work(trx, row)
    })
    // For guards that are judged next. What cannot be read now is read before the next verdict.
    await access.refreshRoles(database.reader).catch(() => undefined)
    return done
  }

  #refuseMistakes(name: string, definition: FullRoleDefinition): void {
    const faults = this.#parts.access.roles.judge(name, definition)
    if (faults.length > 0) throw invalid(faults)
  }

  async #authorise(
    trx: Trx,
    name: string,
    { after, giver }: { readonly giver?: Giver; readonly after?: FullRoleDefinition },
  ): Promise<void> {
    if (!giver) return
    const { access } = this.#parts
    await access.demand(trx, giver, `${after ? 'write' : 'delete'}:security:roles`)
    if (await this.#isHeldBy(trx, giver, name)) throw accessErrors.own_roles_unchangeable()
    await access.refuseOutranked(trx, giver, [name])
    if (!after) return
    const permissions = access.roles.permissionsOfDefinition(name, after)
    await access.refuseBeyond(trx, giver, permissions)
    const before = access.permissionsOf([name])
    if (takesAway(permissions, before)) await this.#refusePassing(trx, giver, [permissions, before])
    if (!takesAway(before, permissions)) return
    const { clock, uses } = this.#parts
    const affected = [...new Set([name, ...access.roles.withHeirs([name])])]
    const held = await allRolesOfHolders(trx, uses, { roles: affected, now: clock.now() })
    await access.refuseBeyond(trx, giver, access.roles.permissionsIn(held.everywhere, held.there))
  }

  /** A definition has no end, so nobody writes into it what they hold for a while. */
  async #refusePassing(trx: Trx, giver: Giver, given: readonly Permissions[]): Promise<void> {
    const end = await this.#parts.access.endOf(trx, giver, (held) =>
      given.every((one) => held.coversAll(one)),
    )
    if (end === undefined) return
    const explanation = 'what the giver holds ends, and a role does not: ask for it for good first'
    throw accessErrors.role_outranks_giver({ explanation })
  }

  /** Held when they asked or now, everywhere or in an organisation, or inherited by what is held. */
  async #isHeldBy(trx: Trx, { roles, userId }: Giver, name: string): Promise<boolean> {
    const { access, clock, uses } = this.#parts
    const held = new Set([...roles, ...(await access.rolesOf(trx, userId)).roles])
    for (const { heldBy } of uses) {
      for (const role of (await heldBy?.(trx, userId, clock.now())) ?? []) held.add(role)
    }
    for (const role of held) {
      for (const parent of access.roles.definitionOf(role)?.inherits ?? []) held.add(parent)
    }
    return held.has(name)
  }

  async #refuseInUse(trx: Trx, name: string): Promise<void> {
    const { access } = this.#parts
    // What inherits a name of the options inherits the role of the options.
    const heirs = access.roles.isFixed(name) ? [] : access.roles.heirsOf(name)
    if (heirs.length > 0) throw accessErrors.role_in_use({ members: { heirs } })
    await this.#refuseHeld(trx, name)
  }

  async #refuseHeld(trx: Trx, name: string): Promise<void> {
    const { clock, uses } = this.#parts
    const now = clock.now()
    if (await isRoleGranted(trx, name, now)) throw accessErrors.role_in_use()
    for (const { isHeld } of uses) {
      if (await isHeld(trx, name, now)) throw accessErrors.role_in_use()
    }
  }

  async #write(trx: Trx, change: Writing): Promise<CustomRoleRow> {
    const { before, definition, name, version } = change
    if (version !== undefined && version !== (before?.version ?? 0)) throw changed(before)
    const row = this.#rowOf(change)
    const written = before
      ? await updateCustomRole(trx, before, row)
      : await insertCustomRole(trx, row)
    if (!written) throw changed(before)
    await this.#parts.recorder.record(trx, {
      name: 'role.defined',
      ...recordOf(change),
      resource: { kind: 'role', id: name },
      payload: {
        ...{ role: name, version: row.version, ...definition },
        ...(before ? { before: definitionOf(before) } : {}),
      },
    })
    return row
  }

  #rowOf(change: Writing): CustomRoleRow {
    const { clock, random } = this.#parts
    const { before, definition, description = before?.description ?? null, name } = change
    const now = clock.now()
    const by = actorOf(change).id ?? null
    return {
      ...{ name, definition: json.encode(definition), description },
      ...{ id: before?.id ?? uuidv7(now, random), version: (before?.version ?? 0) + 1 },
      ...{ created_at: before?.created_at ?? now, created_by: before ? before.created_by : by },
      ...{ updated_at: now, updated_by: by },
    }
  }

  async #views(db: Db, names: readonly string[]): Promise<readonly CustomRole[]> {
    const { roles } = this.#parts.access
    const custom = names.filter((name) => !roles.isFixed(name))
    const rows = new Map((await findCustomRoles(db, custom)).map((row) => [row.name, row]))
    return names.flatMap((name) => {
      const row = rows.get(name)
      if (row) return [customRoleOf(row)]
      const definition = roles.isFixed(name) ? roles.definitionOf(name) : undefined
      return definition ? [fixedRoleOf(name, definition)] : []
    })
  }
}

interface Writing extends RoleChangeOptions {
  readonly name: string
  readonly definition: FullRoleDefinition
  readonly before: CustomRoleRow | undefined
}

function invalid(faults: readonly RoleFault[]) {
  const explanation = faults.map(({ path, problem }) => `${path} ${problem}`).join(' ')
  return accessErrors.role_definition_invalid({ faults: fieldFaults(faults), explanation })
}

function changed(row: CustomRoleRow | undefined) {
  return accessErrors.role_changed({ members: { version: row?.version ?? 0 } })
}
