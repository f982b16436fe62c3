import type { Db } from '../database/index.ts'

/** Whether a service account, or an organisation as owner of keys, holds a role at `now`. */
export async function isPrincipalRoleHeld(db: Db, role: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('hf_principal_grants')
    .select('principal_id')
    .where('role', '=', role)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
