import { hash } from 'node:crypto'
import type { Random } from '../ports/index.ts'

const tokenBytes = 32
const tokenShape = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** A new opaque token: 256 random bits as 43 characters of base64url. Handed out once, never stored. */
export function newToken(random: Random): string {
  return Buffer.from(random.bytes(tokenBytes)).toString('base64url')
}

/**
 * What the database keeps of a token: SHA-256 as 43 characters of base64url. A fast hash is right
 * here because the token is uniformly random: nobody searches 2^256 values, so a dump holds
 * nothing to replay. Never use it for what a person chose.
 */
export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url')
}

/** Whether `text` could have come from {@link newToken}; spares the database a look-up for noise. */
export function isTokenShaped(text: unknown): text is string {
  return typeof text === 'string' && tokenShape.test(text)
}
