import type { Trx } from '../database/index.ts'
import type { Recorder } from '../events/index.ts'
import type { RoleChange } from './role-change.ts'

/** Records that a role was given or taken, with the end that it got. */
export async function recordRoleChange(
  recorder: Recorder,
  trx: Trx,
  {
    change,
    name,
  }: { readonly name: 'role.granted' | 'role.withdrawn'; readonly change: RoleChange },
): Promise<void> {
  await recorder.record(trx, {
    name,
    actor: change.actor,
    resource: { kind: 'user', id: change.userId },
    ...(change.reason === undefined ? {} : { reason: change.reason }),
    ...(change.origin ? { origin: change.origin } : {}),
    payload: {
      userId: change.userId,
      role: change.role,
      ...(change.expiresAt === undefined ? {} : { expiresAt: change.expiresAt }),
    },
  })
}
