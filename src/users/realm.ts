import { hashToken } from '../crypto/index.ts'
import { clientKeyOf, type Exchange } from '../http/index.ts'

/** The realm of accounts that belong to no isolated organisation. */
export const defaultRealm = 'default'

const nowhere = 'nowhere:'

/**
 * The realm of an organisation that does not exist, one for each name. What is asked of it costs what it
 * costs in any other and is answered alike, and no account in it is ever confirmed.
 */
export function nowhereAt(reference: string): string {
  return `${nowhere}${hashToken(reference)}`
}

/** Whether a realm is that of no organisation. */
export function isNowhere(realm: string): boolean {
  return realm.startsWith(nowhere)
}

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

/**
 * Whether a link that was mailed to an account of the realm `own` may be used where somebody asks. Mails
 * lead to where no organisation is named, and there every link works; whoever names one uses its own.
 */
export function isUsableAt(own: string, asked: string = defaultRealm): boolean {
  return asked === defaultRealm || asked === own
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
