import { type Auth, type Exchange, originOf } from '../http/index.ts'
import type { ApiKeys } from './api-keys.ts'
import type { KeyBy } from './drafts.ts'
import type { ServiceAccounts } from './service-accounts.ts'

/** What the routes of the room work with. */
export interface KeyRouteParts {
  readonly apiKeys: ApiKeys
  readonly serviceAccounts: ServiceAccounts
  /** First segments of one's own keys, for example `/api/keys`. */
  readonly path: string
  /** First segment of the administrators' API, for example `/admin`. */
  readonly adminPath: string
}

/** Whoever called a route that admits nobody else. */
export interface Caller {
  readonly auth: Auth | undefined
  readonly exchange: Exchange
}

/** The owner of keys who called. */
export function ownerOfCall({ auth, exchange }: Caller): {
  readonly userId: string
  readonly by: KeyBy
} {
  if (!auth) throw new Error('the policy of this route admits nobody without a session')
  const actor = { kind: 'user', id: auth.userId } as const
  return { userId: auth.userId, by: { actor, origin: originOf(exchange), level: auth.level } }
}

/** The administrator who called, for what is done on their authority. */
export function administratorOfCall({ auth, exchange }: Caller, reason?: string): KeyBy {
  const { by, userId } = ownerOfCall({ auth, exchange })
  const giver = { userId, roles: auth?.roles ?? [] }
  return { ...by, giver, ...(reason === undefined ? {} : { reason }) }
}
