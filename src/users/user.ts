import { clientKeyOf, type Exchange } from '../http/index.ts'
import type { UserRow } from './table.ts'

/** The realm of accounts that belong to no isolated organisation. */
export const defaultRealm = 'default'

/**
 * The realm of organisations that do not exist. What is asked of it costs what it costs in any other and
 * is answered alike, and no account in it is ever confirmed.
 */
export const nowhere = 'nowhere'

/** A canonical address or username, and whose accounts it is looked for among. */
export interface RealmName {
  readonly realm: string
  readonly canonical: string
}

/**
 * What limits and lanes know a name by: the name alone in the default realm, else it and its realm, so
 * that accounts of one address in two realms share nothing. No canonical name holds a space.
 */
export function laneName({ canonical, realm }: RealmName): string {
  return realm === defaultRealm ? canonical : `${realm} ${canonical}`
}

/** Who asks about accounts that they do not hold a session of. */
export interface Asker {
  /** What limits count this client by. */
  readonly clientKey: string
  /** Where they ask; absent: the default realm. */
  readonly realm?: string
}

/** The realm that a request is about. */
export function realmOf({ state }: Pick<Exchange, 'state'>): string {
  return state.realm ?? defaultRealm
}

/** Who asks by a request. */
export function askerOf(exchange: Exchange): Required<Asker> {
  return { clientKey: clientKeyOf(exchange), realm: realmOf(exchange) }
}

/** The same of code, which may name the client alone. */
export function readAsker(asker: Asker | string): Required<Asker> {
  const given = typeof asker === 'string' ? { clientKey: asker } : asker
  return { realm: defaultRealm, ...given }
}

/** What an account shows to its owner and to the app. */
export interface UserProfile {
  readonly id: string
  readonly email: string
  readonly username: string | null
  readonly displayName: string | null
  /** Display text; it never decides what anyone sees. */
  readonly companyName: string | null
}

export function profileOf(row: UserRow): UserProfile {
  return {
    id: row.id,
    email: row.email,
    username: row.username,
    displayName: row.display_name,
    companyName: row.company_name,
  }
}

/** Whether an account may hold a session at `now`. A lock with an end opens by itself. */
export function mayHoldSession(
  row: Pick<UserRow, 'status' | 'locked_until'>,
  now: number,
): boolean {
  if (row.status === 'active') return true
  return row.status === 'locked' && row.locked_until !== null && row.locked_until <= now
}

/** Whether a second factor is enrolled: then a password alone signs nobody in. */
export function hasSecondFactor(row: Pick<UserRow, 'totp_since' | 'passkeys'>): boolean {
  return row.totp_since !== null || row.passkeys > 0
}
