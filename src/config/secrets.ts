import { createHash, timingSafeEqual } from 'node:crypto'
import { decodeSecret } from './secret.ts'

/** Fewest bytes of a secret: as many as the AES-256 and HMAC-SHA-256 keys derived from it. */
export const secretBytes = 32

const exampleWords =
  /change.?me|example|secret|password|your.?key|placeholder|replace|insecure|default|master.?key|supers|abcdef.?ghij|qwerty|letmein|0123456789/i

/**
 * Why `text` must not be used as a secret, or undefined when nothing speaks against it. The reason
 * never repeats the text. It finds what people really do (short, typed, repeated, counted up, copied
 * from a page); it cannot prove randomness.
 */
export function weaknessOf(text: string): string | undefined {
  if (text !== text.trim()) return 'has spaces or a line end around it'
  if (exampleWords.test(text)) return 'is a known example'
  const bytes = decodeSecret(text)
  if (bytes.length < secretBytes) {
    return `is too short: ${bytes.length} bytes, and ${secretBytes} are needed`
  }
  if (isRepetition(text) || isCounting(bytes)) return 'follows a pattern'
  if (new Set(bytes).size < 16 || !looksRandom(text)) return 'is not random enough'
  return undefined
}

/**
 * Whether two secrets are the same key, however each is written. Texts too short to be written keys
 * (a password, say) are compared as they stand. Compared by digest, in constant time.
 */
export function sameSecret(a: string, b: string): boolean {
  const [keyA, keyB] = [decodeSecret(a), decodeSecret(b)]
  const written = Math.min(keyA.length, keyB.length) >= secretBytes
  return timingSafeEqual(digest(written ? keyA : a), digest(written ? keyB : b))
}

function digest(bytes: Uint8Array | string): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** True when the text is one shorter text written several times over, also when the last one is cut. */
function isRepetition(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period++) {
    if (text.slice(period) === text.slice(0, -period)) return true
  }
  return false
}

function isCounting(bytes: Uint8Array): boolean {
  const step = (bytes[1] ?? 0) - (bytes[0] ?? 0)
  let odd = 0
  for (let index = 2; index < bytes.length; index++) {
    if ((((bytes[index] ?? 0) - (bytes[index - 1] ?? 0) - step) & 0xff) !== 0) odd++
  }
  return odd <= 2
}

/**
 * Typed text keeps to one kind of letter and to few of them. The bounds are those that no one of
 * millions of random keys crosses: both cases must be there, at least 4 bits a character, and less
 * than 72 % of neighbours both small letters. Hexadecimal is judged by its bytes alone.
 */
function looksRandom(text: string): boolean {
  if (/^[0-9a-f]+$/i.test(text)) return true
  const smallPairs = (text.match(/[a-z](?=[a-z])/g) ?? []).length / (text.length - 1)
  return (
    /[a-z]/.test(text) &&
    /[A-Z]/.test(text) &&
    !/\s/.test(text) &&
    smallPairs < 0.72 &&
    bitsPerCharacter(text) >= 4
  )
}

/** Shannon's entropy of the characters as they occur. */
function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  const shares = [...counts.values()].map((count) => count / text.length)
  return shares.reduce((sum, share) => sum - share * Math.log2(share), 0)
}
