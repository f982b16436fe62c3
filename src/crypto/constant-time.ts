import { hash, timingSafeEqual } from 'node:crypto'

const digest = (value: string | Uint8Array): Buffer => hash('sha256', value, 'buffer')

/** A lone surrogate has no UTF-8 form of its own, so it must not equal the U+FFFD it would become. */
const isComparable = (value: string | Uint8Array): boolean =>
  typeof value !== 'string' || value.isWellFormed()

/**
 * Compares two secrets, text as its UTF-8 bytes. Both sides are hashed first (SHA-256), so they may
 * differ in length, nothing throws, and the time tells neither the place of a difference nor
 * whether the lengths agree. Text that is not well-formed Unicode equals nothing.
 */
export function equalSecrets(a: string | Uint8Array, b: string | Uint8Array): boolean {
  const same = timingSafeEqual(digest(a), digest(b))
  return same && isComparable(a) && isComparable(b)
}

/**
 * Compares bytes whose length is no secret: as {@link equalSecrets}, without its hashes, which cost more
 * than a short comparison. False where lengths differ.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}
