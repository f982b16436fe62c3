import { affected, type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import { readReference } from './reference.ts'
import type { OrganisationNameRow, OrganisationRow } from './table.ts'

/** Adds an organisation; false when its short name is taken, or was another one's. */
export async function insertOrganisation(trx: Trx, row: OrganisationRow): Promise<boolean> {
  const added = await insertIfAbsent(trx, 'hf_organisations', row)
  return added && takeName(trx, { slug: row.slug, organisation_id: row.id })
}

/** Keeps a short name for an organisation for good; false when it is or was another one's. */
export async function takeName(trx: Trx, row: OrganisationNameRow): Promise<boolean> {
  if (await insertIfAbsent(trx, 'hf_organisation_names', row)) return true
  const holder = await trx
    .selectFrom('hf_organisation_names')
    .select('organisation_id')
    .where('slug', '=', row.slug)
    .executeTakeFirst()
  return holder?.organisation_id === row.organisation_id
}

/** How many short names an organisation has and had. */
export async function countNames(db: Db, organisationId: string): Promise<number> {
  const { count } = await db
    .selectFrom('hf_organisation_names')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('organisation_id', '=', organisationId)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** How many organisations somebody made, closed ones too. */
export async function countCreatedBy(db: Db, createdBy: string): Promise<number> {
  const { count } = await db
    .selectFrom('hf_organisations')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('created_by', '=', createdBy)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** An organisation by id or short name, closed or not. */
export async function findOrganisation(
  db: Db,
  reference: string,
): Promise<OrganisationRow | undefined> {
  const by = readReference(reference)
  if (!by) return undefined
  return db
    .selectFrom('hf_organisations')
    .selectAll()
    .where(by.column, '=', by.value)
    .executeTakeFirst()
}

/** Which organisations are looked for. */
export interface OrganisationFilter {
  readonly status?: OrganisationRow['status']
  readonly limit: number
  /** Creation and id of the last one of the page before. */
  readonly after?: { readonly createdAt: number; readonly id: string }
}

/** Those of these ids that there are, closed or not. */
export function findOrganisationsAmong(
  db: Db,
  ids: readonly string[],
): Promise<Pick<OrganisationRow, 'id' | 'policy'>[]> {
  return db.selectFrom('hf_organisations').select(['id', 'policy']).where('id', 'in', ids).execute()
}

/** Organisations in the order of their creation. */
export function findOrganisations(db: Db, filter: OrganisationFilter): Promise<OrganisationRow[]> {
  let query = db.selectFrom('hf_organisations').selectAll()
  const { after, status } = filter
  if (status !== undefined) query = query.where('status', '=', status)
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('created_at', '>', after.createdAt),
        eb.and([eb('created_at', '=', after.createdAt), eb('id', '>', after.id)]),
      ]),
    )
  }
  return query.orderBy('created_at').orderBy('id').limit(filter.limit).execute()
}

/** What may change while an organisation is active. A short name that is taken is a unique violation. */
export type OrganisationChange = Partial<
  Pick<OrganisationRow, 'slug' | 'name' | 'policy' | 'metadata' | 'status'>
>

/** Changes an active organisation; false when it is closed or gone. */
export async function updateOrganisation(
  trx: Trx,
  id: string,
  change: OrganisationChange,
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_organisations')
    .set(change)
    .where('id', '=', id)
    .where('status', '=', 'active')
    .executeTakeFirst()
  return affected(result) === 1
}
