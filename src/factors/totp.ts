import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { equalBytes } from '../crypto/index.ts'

/** Length of a step in milliseconds: RFC 6238 section 4.1 and every authenticator app say 30 seconds. */
export const stepMs = 30_000
const digits = 6
/** RFC 4226 section 4 asks for 128 bits and recommends 160, the length of an HMAC-SHA-1 key. */
export const secretBytes = 20

/** The step that holds the instant `now`, in epoch milliseconds (RFC 6238 section 4.2). */
export function stepOf(now: number): number {
  return Math.floor(now / stepMs)
}

/** The code of one step: HOTP with the step as counter (RFC 4226 section 5.3). */
export function codeOf(secret: Uint8Array | KeyObject, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeUIntBE(step, 2, 6)
  // As text, which Node makes in two thirds of the time that a Buffer takes.
  const mac = createHmac('sha1', secret).update(counter).digest('hex')
  const at = 2 * Number.parseInt(mac.slice(-1), 16)
  const number = Number.parseInt(mac.slice(at, at + 8), 16) & 0x7fffffff
  return String(number % 10 ** digits).padStart(digits, '0')
}

/** The six ASCII digits that somebody typed, spaces between them allowed; undefined for all else. */
export function readCode(text: string): string | undefined {
  if (text.length > 16) return undefined
  const code = text.replaceAll(' ', '')
  return /^[0-9]{6}$/.test(code) ? code : undefined
}

export interface StepWindow {
  readonly now: number
  /** The last step that was spent; it and all before it are gone. */
  readonly lastStep: number
  /** Steps ahead of our clock that are taken as well, for phones that run fast. */
  readonly future: 0 | 1
}

/**
 * The step whose code this is: the current or the previous one, or one ahead where that is allowed. A
 * spent step matches nothing. Every candidate is computed and compared in constant time, so the time
 * tells neither which step matched nor whether one did.
 */
export function findStep(
  secret: Uint8Array,
  code: string,
  { future, lastStep, now }: StepWindow,
): number | undefined {
  // Node takes several times as long for an HMAC whose key it has to wrap itself.
  const key = createSecretKey(secret)
  const typed = Buffer.from(code)
  const current = stepOf(now)
  let found: number | undefined
  for (let step = Math.max(0, current - 1); step <= current + future; step++) {
    const same = equalBytes(Buffer.from(codeOf(key, step)), typed)
    if (same && step > lastStep) found ??= step
  }
  return found
}
