import type { Auth, Exchange } from '../../http/index.ts'
import { organisationErrors } from '../../organisations/index.ts'
import type { Awaitable } from './guard-options.ts'
import type { Parts } from './types.ts'

/**
 * The caller in the organisation that a parameter of the path names, whatever else the request names. A
 * parameter of several segments names none. Throws, or rejects with, what the entrance refuses with.
 */
export function enterOrganisation(
  { security }: Parts,
  auth: Auth,
  { named, exchange }: { readonly named: unknown; readonly exchange: Exchange },
): Awaitable<Auth> {
  const reference = typeof named === 'string' ? named : ''
  return security.parts.rooms.entrance.enter(auth, reference, exchange.state.client)
}

/** The caller, who is in the organisation that the request names. Throws `organisation_not_found` where it names none. */
export function demandOrganisation(auth: Auth): Auth {
  if (auth.organisation === undefined) throw organisationErrors.organisation_not_found()
  return auth
}
