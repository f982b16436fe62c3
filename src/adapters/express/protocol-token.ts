import type { IncomingMessage } from 'node:http'
import type { RequestHeaders } from '../../http/index.ts'

const prefix = 'bearer.'

/**
 * Scripts of a browser cannot give a WebSocket an Authorization header, and a token in a URL would be
 * written into logs. They offer it as one more subprotocol, `bearer.TOKEN`, which is taken out before
 * anybody else can see it or choose it. Returns the headers to decide by.
 */
export function takeProtocolToken(request: IncomingMessage): RequestHeaders {
  const offered = request.headers['sec-websocket-protocol']
  if (offered === undefined) return request.headers
  const protocols = offered.split(',').map((protocol) => protocol.trim())
  const tokens = protocols.filter((protocol) => protocol.startsWith(prefix))
  if (tokens.length === 0) return request.headers
  const others = protocols.filter((protocol) => !protocol.startsWith(prefix))
  if (others.length > 0) request.headers['sec-websocket-protocol'] = others.join(', ')
  else delete request.headers['sec-websocket-protocol']
  if (request.headers.authorization !== undefined) return request.headers
  // Two tokens are as good as a malformed one.
  const token = tokens.length === 1 ? tokens[0]?.slice(prefix.length) : ''
  return { ...request.headers, authorization: `Bearer ${token}` }
}
