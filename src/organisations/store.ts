import { affected, type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import { readReference } from './reference.ts'
import type { OrganisationRow } from './table.ts'

/** Adds an organisation; false when its short name is taken. */
export function insertOrganisation(trx: Trx, row: OrganisationRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_organisations', row)
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
