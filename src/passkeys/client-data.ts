import { isTokenShaped } from '../crypto/index.ts'

/** What a browser says of a ceremony (section 5.8.1); signed by the authenticator. */
export interface ClientData {
  readonly type: string
  readonly challenge: string
  readonly origin: string
  /** Whether a page of another site frames the one that asked. */
  readonly framed: boolean
}

/** Reads client data; undefined for what no browser writes, and for a challenge not made by us. */
export function readClientData(bytes: Uint8Array): ClientData | undefined {
  const data = parse(bytes)
  if (typeof data !== 'object' || data === null) return undefined
  const { challenge, crossOrigin, origin, topOrigin, type } = data as Record<string, unknown>
  if (typeof type !== 'string' || typeof origin !== 'string') return undefined
  if (!isTokenShaped(challenge)) return undefined
  const framed = (crossOrigin !== undefined && crossOrigin !== false) || topOrigin !== undefined
  return { type, challenge, origin, framed }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return undefined
  }
}
