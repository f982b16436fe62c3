import type { Access, CustomRoles } from '../access/index.ts'
import type { Database } from '../database/index.ts'
import { type Auth, type Exchange, originOf } from '../http/index.ts'
import { findUserById } from '../users/index.ts'
import type { By } from './by.ts'
import { adminErrors } from './errors.ts'
import type { UserAdministration } from './user-administration.ts'

export interface AdminRouteParts {
  readonly access: Access
  readonly customRoles: CustomRoles
  readonly users: UserAdministration
  readonly database: Database
  /** First segment, for example `/admin`. */
  readonly path: string
}

/** An administrator who called a route. */
export interface Caller {
  readonly auth: Auth | undefined
  readonly exchange: Exchange
}

/** On whose authority a route acts, for what reason, and from where. */
export function byCaller({ auth, exchange }: Caller, reason?: string): By {
  if (!auth) throw new Error('the policy of this route admits nobody without a session')
  return {
    actor: { kind: 'user', id: auth.userId },
    giver: { userId: auth.userId, roles: auth.roles },
    origin: originOf(exchange),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Routes name accounts by id alone: an address or a name in a URL would stand in every log. */
export async function mustExist({ database }: AdminRouteParts, id: string): Promise<void> {
  if (!(await findUserById(database.reader, id))) throw noSuchId()
}

function noSuchId() {
  return adminErrors.account_not_found({ detail: 'There is no account of this id.' })
}

/** The account as it is now. */
export async function answerAccount({ users }: AdminRouteParts, id: string, status = 200) {
  const json = await users.find(id)
  if (!json) throw noSuchId()
  return { status, json }
}

/** Codes that every change on somebody's authority may answer with. */
export const changeProblems = [
  'account_not_found',
  'own_account_unchangeable',
  'role_outranks_giver',
] as const
