import type { Auth, Exchange } from '../../http/index.ts'
import type { Pair, Parts } from './types.ts'

/** From now on `auth` is the caller of the request, for everything that asks. */
export function setCaller(
  { rowWatches, security }: Parts,
  { exchange, request }: Pair & { readonly exchange: Exchange },
  auth: Auth,
): void {
  const { userProperty } = security.config
  const watched = rowWatches.get(exchange)?.watched(auth)
  const seen = watched ?? auth
  // What handlers pass on is the same caller to sessions and second factors.
  if (watched) security.parts.rooms.verdicts.derive(auth, watched, Number.POSITIVE_INFINITY)
  exchange.state.auth = auth
  request.auth = seen
  if (userProperty !== undefined) Object.assign(request, { [userProperty]: seen })
}
