import { affected, type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import { type OrganisationPolicy, policyOf } from './policy.ts'
import { readReference } from './reference.ts'
import type { MemberRoleRow, MemberRow, OrganisationRow } from './table.ts'

/** An organisation as somebody's membership shows it. */
export interface MemberOrganisation {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly status: 'active' | 'closed'
  readonly policy: OrganisationPolicy
}

/** Somebody's place in an organisation. */
export interface Membership {
  readonly organisation: MemberOrganisation
  /** The roles held there now, in order of their names. */
  readonly roles: readonly string[]
  /** When the first of them runs out, in epoch milliseconds. */
  readonly nextExpiry: number | undefined
}

/** Whose membership of what, at which instant. */
export interface MembershipQuestion {
  /** Id or short name. */
  readonly organisation: string
  readonly userId: string
  /** Epoch milliseconds. */
  readonly now: number
}

/**
 * Somebody's membership, closed organisations included; undefined where there is none. One statement,
 * whether the organisation is absent or belongs to others.
 */
export async function findMembership(
  db: Db,
  question: MembershipQuestion,
): Promise<Membership | undefined> {
  const reference = readReference(question.organisation)
  if (!reference) return undefined
  const { now, userId } = question
  const rows = await db
    .selectFrom('hf_members as m')
    .innerJoin('hf_organisations as o', 'o.id', 'm.organisation_id')
    .leftJoin('hf_member_roles as r', (join) =>
      join
        .onRef('r.organisation_id', '=', 'm.organisation_id')
        .onRef('r.user_id', '=', 'm.user_id')
        .on((eb) => eb.or([eb('r.expires_at', 'is', null), eb('r.expires_at', '>', now)])),
    )
    .select(['o.id', 'o.slug', 'o.name', 'o.status', 'o.policy', 'r.role', 'r.expires_at'])
    .where('m.user_id', '=', userId)
    .where(`o.${reference.column}`, '=', reference.value)
    .orderBy('r.role')
    .execute()
  const [first] = rows
  if (!first) return undefined
  const { id, name, slug, status } = first
  const ends = rows.flatMap(({ expires_at }) => (expires_at === null ? [] : [expires_at]))
  return {
    organisation: { id, slug, name, status, policy: policyOf(first) },
    roles: rows.flatMap(({ role }) => (role === null ? [] : [role])),
    nextExpiry: ends.length === 0 ? undefined : Math.min(...ends),
  }
}

/** One organisation of somebody, since when, and the roles held there. */
export type OwnMembership = Pick<OrganisationRow, 'id' | 'slug' | 'name'> &
  Pick<MemberRow, 'joined_at'> & { readonly roles: readonly string[] }

/** The active organisations somebody belongs to, by name, with the roles that count at `now`. */
export async function findOrganisationsOf(
  db: Db,
  userId: string,
  now: number,
): Promise<OwnMembership[]> {
  const rows = await db
    .selectFrom('hf_members as m')
    .innerJoin('hf_organisations as o', 'o.id', 'm.organisation_id')
    .select(['o.id', 'o.slug', 'o.name', 'm.joined_at'])
    .where('m.user_id', '=', userId)
    .where('o.status', '=', 'active')
    .orderBy('o.name')
    .orderBy('o.id')
    .execute()
  const held = await db
    .selectFrom('hf_member_roles')
    .select(['organisation_id', 'role'])
    .where('user_id', '=', userId)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .orderBy('role')
    .execute()
  const rolesIn = Map.groupBy(held, (row) => row.organisation_id)
  return rows.map((row) => ({ ...row, roles: (rolesIn.get(row.id) ?? []).map(({ role }) => role) }))
}

/** Adds a member; false when they belong already. */
export function insertMember(trx: Trx, row: MemberRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_members', row)
}

/** A member and which one. */
export type MemberKey = Pick<MemberRow, 'organisation_id' | 'user_id'>

const pairsAtOnce = 100

/** Those of these members that there are, of open organisations and closed ones. */
export async function findMembersAmong(db: Db, keys: readonly MemberKey[]): Promise<MemberKey[]> {
  const found: MemberKey[] = []
  for (let at = 0; at < keys.length; at += pairsAtOnce) {
    const some = keys.slice(at, at + pairsAtOnce)
    const rows = await db
      .selectFrom('hf_members')
      .select(['organisation_id', 'user_id'])
      .where((is) =>
        is.or(
          some.map(({ organisation_id, user_id }) =>
            is.and([is('organisation_id', '=', organisation_id), is('user_id', '=', user_id)]),
          ),
        ),
      )
      .execute()
    found.push(...rows)
  }
  return found
}

/** The members among these accounts that hold one of these roles at `now`, each where they hold it. */
export function findMembersHolding(
  db: Db,
  {
    now,
    roles,
    userIds,
  }: {
    readonly userIds: readonly string[]
    readonly roles: readonly string[]
    readonly now: number
  },
): Promise<MemberKey[]> {
  return db
    .selectFrom('hf_member_roles')
    .select(['organisation_id', 'user_id'])
    .distinct()
    .where('user_id', 'in', userIds)
    .where('role', 'in', roles)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .execute()
}

/** Removes a member with the roles held there; false when they did not belong. */
export async function deleteMember(trx: Trx, key: MemberKey): Promise<boolean> {
  const result = await trx
    .deleteFrom('hf_members')
    .where('organisation_id', '=', key.organisation_id)
    .where('user_id', '=', key.user_id)
    .executeTakeFirst()
  return affected(result) === 1
}

/** A member with what others see of their account. */
export type MemberFacts = Pick<MemberRow, 'user_id' | 'joined_at' | 'added_by'> & {
  readonly email: string
  readonly display_name: string | null
}

/** Members in the order in which they joined; `after` is the last of the page before. */
export function findMembers(
  db: Db,
  organisationId: string,
  page: {
    readonly limit: number
    readonly after?: { readonly joinedAt: number; readonly userId: string }
    /** This one alone. */
    readonly userId?: string
  },
): Promise<MemberFacts[]> {
  let query = db
    .selectFrom('hf_members as m')
    .innerJoin('hf_users as u', 'u.id', 'm.user_id')
    .select(['m.user_id', 'm.joined_at', 'm.added_by', 'u.email', 'u.display_name'])
    .where('m.organisation_id', '=', organisationId)
  const { after, userId } = page
  if (userId !== undefined) query = query.where('m.user_id', '=', userId)
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('m.joined_at', '>', after.joinedAt),
        eb.and([eb('m.joined_at', '=', after.joinedAt), eb('m.user_id', '>', after.userId)]),
      ]),
    )
  }
  return query.orderBy('m.joined_at').orderBy('m.user_id').limit(page.limit).execute()
}

/** The roles that some members hold at `now`. */
export async function findMemberRoles(
  db: Db,
  organisationId: string,
  { now, userIds }: { readonly userIds: readonly string[]; readonly now: number },
): Promise<MemberRoleRow[]> {
  if (userIds.length === 0) return []
  return db
    .selectFrom('hf_member_roles')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('user_id', 'in', [...userIds])
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .orderBy('user_id')
    .orderBy('role')
    .execute()
}

/** Gives a role; false when it is held at `now`. One that ran out gets a new life. */
export async function putMemberRole(trx: Trx, row: MemberRoleRow, now: number): Promise<boolean> {
  if (await insertIfAbsent(trx, 'hf_member_roles', row)) return true
  const { organisation_id, role, user_id, ...values } = row
  const result = await trx
    .updateTable('hf_member_roles')
    .set(values)
    .where('organisation_id', '=', organisation_id)
    .where('user_id', '=', user_id)
    .where('role', '=', role)
    .where('expires_at', '<=', now)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Takes a role; false when it is not there. */
export async function deleteMemberRole(
  trx: Trx,
  { organisation_id, user_id }: MemberKey,
  role: string,
): Promise<boolean> {
  const result = await trx
    .deleteFrom('hf_member_roles')
    .where('organisation_id', '=', organisation_id)
    .where('user_id', '=', user_id)
    .where('role', '=', role)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Whether somebody other than this member holds a role for good, with an account in use. */
export async function hasOtherHolder(
  trx: Trx,
  { organisation_id, user_id }: MemberKey,
  role: string,
): Promise<boolean> {
  const row = await trx
    .selectFrom('hf_member_roles as r')
    .innerJoin('hf_users as u', 'u.id', 'r.user_id')
    .select('r.user_id')
    .where('r.organisation_id', '=', organisation_id)
    .where('r.user_id', '!=', user_id)
    .where('r.role', '=', role)
    .where('r.expires_at', 'is', null)
    .where('u.status', '=', 'active')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
