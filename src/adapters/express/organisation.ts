import type { Auth, Exchange } from '../../http/index.ts'
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
