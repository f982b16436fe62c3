import { isAnyHeld } from '../access/index.ts'
import type { Db } from '../database/index.ts'

/** Whether a service account, or an organisation as owner of keys, holds a role at `now`. */
export function isPrincipalRoleHeld(db: Db, role: string, now: number): Promise<boolean> {
  return isAnyHeld(db, 'hf_principal_grants', { roles: [role], now })
}

/** What service accounts and organisations that hold one of these roles hold, that role included. */
export async function findPrincipalRolesBeside(
  db: Db,
  { now, roles }: { readonly roles: readonly string[]; readonly now: number },
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('hf_principal_grants as held')
    .innerJoin('hf_principal_grants as other', (join) =>
      join
        .onRef('other.principal_kind', '=', 'held.principal_kind')
        .onRef('other.principal_id', '=', 'held.principal_id'),
    )
    .select('other.role')
    .distinct()
    .where('held.role', 'in', roles)
    .where((eb) => eb.or([eb('held.expires_at', 'is', null), eb('held.expires_at', '>', now)]))
    .where((eb) => eb.or([eb('other.expires_at', 'is', null), eb('other.expires_at', '>', now)]))
    .execute()
  return rows.map(({ role }) => role)
}
