import { commonErrors, SecurityError } from '../errors/index.ts'
import { type Exchange, singleHeader } from '../http/index.ts'
import { type Entrance, organisationErrors, type Realms } from '../organisations/index.ts'
import { realmOf } from '../users/index.ts'
import type { TryUnknown } from './authentication.ts'

/** How requests name their organisation. */
export interface OrganisationNaming {
  readonly from: 'route' | 'header' | 'host'
  /** In small letters. */
  readonly header: string
  /** The domain below which host names name organisations. */
  readonly domain: string | undefined
  /** Host of `baseUrl`, which names none. */
  readonly ownHost: string
  /** Where each organisation has accounts of its own; else undefined. */
  readonly realms: Realms | undefined
  /** Reads what was never seen, within the points of the client; throws `rate_limited`. */
  readonly tryUnknown: TryUnknown
}

/**
 * Reads which organisation a request names, and finds its realm where accounts are of one organisation
 * alone. There a session of another realm is none: what is guarded answers it as if the organisation did
 * not exist.
 */
export function nameOrganisation(
  exchange: Exchange,
  naming: OrganisationNaming,
): undefined | Promise<undefined> {
  const reference = namedIn(exchange, naming)
  if (reference !== undefined) exchange.state.organisation = reference
  const { realms } = naming
  return realms && settleRealm(exchange, { naming, realms, reference })
}

interface Settling {
  readonly naming: OrganisationNaming
  readonly realms: Realms
  readonly reference: string | undefined
}

function settleRealm(exchange: Exchange, settling: Settling): undefined | Promise<undefined> {
  const { realms, reference } = settling
  const { auth } = exchange.state
  const realm = realms.recall(reference)
  const own = auth && realms.recallOf(auth)
  if (realm !== undefined && (!auth || own !== undefined)) return settle(exchange, realm, own)
  return readRealm(exchange, settling)
}

async function readRealm(
  exchange: Exchange,
  { naming, realms, reference }: Settling,
): Promise<undefined> {
  const { auth } = exchange.state
  const read = async () => {
    const realm = realms.recall(reference) ?? (await realms.find(reference ?? ''))
    settle(exchange, realm, auth && (realms.recallOf(auth) ?? (await realms.findOf(auth))))
  }
  // Whoever is known is counted by their account: how often a name is read here tells nothing of it.
  await (auth ? read() : naming.tryUnknown(exchange, read))
}

function settle(exchange: Exchange, realm: string, own: string | undefined): undefined {
  exchange.state.realm = realm
  if (own !== undefined && own !== realm) {
    shut(exchange, organisationErrors.organisation_not_found())
  }
}

/**
 * The objection to a request that goes on with what belongs to an account of the realm `own`, such as a
 * refresh token: anywhere else its organisation does not exist.
 */
export function refuseRealm(exchange: Exchange, own: string): SecurityError | undefined {
  return realmOf(exchange) === own ? undefined : organisationErrors.organisation_not_found()
}

/**
 * Makes the caller of a request to the app a member of the organisation that it names. Whoever does not
 * get in is nobody there: guards answer why, and open routes go on without. Below the level of the
 * account nothing is told of organisations, and guards refuse by themselves.
 */
export function enterNamed(exchange: Exchange, entrance: Entrance): undefined | Promise<undefined> {
  const { auth, client, organisation } = exchange.state
  if (!auth || organisation === undefined || auth.level < auth.requiredLevel) return undefined
  try {
    const inside = entrance.enter(auth, organisation, client)
    if (!(inside instanceof Promise)) exchange.state.auth = inside
    else return inside.then((late) => keep(exchange, late)).catch((error) => shut(exchange, error))
  } catch (error) {
    shut(exchange, error)
  }
  return undefined
}

function keep({ state }: Exchange, inside: NonNullable<Exchange['state']['auth']>): undefined {
  state.auth = inside
}

/** From now on nobody calls. What broke is no verdict, so it is 503. */
function shut({ state }: Exchange, error: unknown): undefined {
  const decided = error instanceof SecurityError && error.status !== 500
  state.failure = decided ? error : commonErrors.unavailable({ retryAfter: 1, cause: error })
  if (state.auth) state.shut = state.auth
  delete state.auth
}

/** The name, which an empty text and several headers are as well: one that no organisation has. */
function namedIn(exchange: Exchange, naming: OrganisationNaming): string | undefined {
  if (naming.from === 'header') {
    const value = exchange.headers[naming.header]
    return value === undefined || typeof value === 'string' ? value : ''
  }
  return naming.from === 'host' ? namedByHost(exchange, naming) : undefined
}

/** Names of hosts are the same in any case, and with a dot at their end. */
function namedByHost(exchange: Exchange, { domain, ownHost }: OrganisationNaming) {
  const host = hostName(singleHeader(exchange.headers, 'host') ?? '')
  const below = `.${hostName(domain ?? '')}`
  if (below === '.' || host === hostName(ownHost) || !host.endsWith(below)) return undefined
  return host.slice(0, -below.length)
}

function hostName(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '')
}
