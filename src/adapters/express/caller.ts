import type { Auth, Exchange } from '../../http/index.ts'
import type { Pair, Parts } from './types.ts'

/** From now on `auth` is the caller of the request, for everything that asks. */
export function setCaller(
  { rowWatches, security }: Parts,
  { exchange, request }: Pair & { readonly exchange: Exchange },
  auth: Auth,
): void {
  const { userProperty } = security.config
  const seen = rowWatches.get(exchange)?.watched(auth) ?? auth
  exchange.state.auth = auth
  request.auth = seen
  if (userProperty !== undefined) Object.assign(request, { [userProperty]: seen })
}
