import { createHmac } from 'node:crypto'
import { hashToken } from '../crypto/index.ts'

/**
 * The one successor of a refresh token: HMAC-SHA256 of the parent under a server key. Derived rather
 * than drawn, so that a retry whose first answer was lost receives the same one, though the database
 * holds only its hash.
 */
export function successorOf(key: Uint8Array, parent: string): string {
  return createHmac('sha256', key).update('refresh-successor\0').update(parent).digest('base64url')
}

/** What "the same client" means: the device cookie, or the user agent for native clients; never the address. */
export function clientHash(client: {
  readonly device: string | undefined
  readonly userAgent: string | undefined
}): string {
  return client.device === undefined
    ? hashToken(`agent:${client.userAgent ?? ''}`)
    : hashToken(`device:${client.device}`)
}
