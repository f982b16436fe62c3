import { hash } from 'node:crypto'
import { equalSecrets, hmacSha256 } from '../crypto/index.ts'
import type { Random } from '../ports/index.ts'

/**
 * The proof of work of ALTCHA, its format 1, as `altcha-lib/v1` makes it and the widgets 1 to 3 solve
 * it: find the number whose SHA-256 behind the salt is the challenge. Pure: no clock and no memory,
 * so a caller must also refuse what was used before.
 */

/** A puzzle as the widget takes it. */
export interface ProofOfWork {
  readonly algorithm: 'SHA-256'
  /** SHA-256 of salt and number, hexadecimal. */
  readonly challenge: string
  /** The number lies between 0 and this, both included. */
  readonly maxnumber: number
  /** 96 random bits, then the end in epoch seconds: `<hex>?expires=<seconds>&`. */
  readonly salt: string
  /** HMAC-SHA256 of the challenge, hexadecimal. */
  readonly signature: string
}

/** The greatest number that any configuration asks for. */
export const greatestNumber = 10_000_000

const longestSolution = 1_024
const digest = /^[0-9a-f]{64}$/
/** The closing `&` parts salt and number: no digit of one can be passed off as the other's. */
const saltShape = /^[0-9a-f]{24}\?expires=([1-9]\d{9})&$/

export interface NewProofOfWork {
  readonly key: Uint8Array
  readonly random: Random
  readonly work: number
  /** Epoch milliseconds, cut to whole seconds. */
  readonly expiresAt: number
}

/** A new puzzle, signed. Its number is drawn evenly from 0 to `work`. */
export function newProofOfWork({ expiresAt, key, random, work }: NewProofOfWork): ProofOfWork {
  const nonce = Buffer.from(random.bytes(12)).toString('hex')
  const salt = `${nonce}?expires=${Math.floor(expiresAt / 1_000)}&`
  const challenge = challengeOf(salt, draw(random, work))
  return {
    algorithm: 'SHA-256',
    challenge,
    maxnumber: work,
    salt,
    signature: signatureOf(key, challenge),
  }
}

export type ProofVerdict =
  | { readonly solved: true; readonly challenge: string; readonly expiresAt: number }
  | { readonly solved: false; readonly reason: 'malformed' | 'forged' | 'wrong' | 'expired' }

/**
 * Judges a solution: base64 of JSON with algorithm, challenge, number, salt and signature, as the
 * widget sends it. It never throws. The salt holds the end and is bound to the signed challenge by
 * its hash, so neither can be changed. `now` in epoch milliseconds.
 */
export function verifyProofOfWork(
  text: string,
  { key, now }: { readonly key: Uint8Array; readonly now: number },
): ProofVerdict {
  const solution = parseSolution(text)
  if (!solution) return { solved: false, reason: 'malformed' }
  const { challenge, expiresAt, number, salt, signature } = solution
  if (!equalSecrets(signature, signatureOf(key, challenge))) {
    return { solved: false, reason: 'forged' }
  }
  if (!equalSecrets(challenge, challengeOf(salt, number))) {
    return { solved: false, reason: 'wrong' }
  }
  if (expiresAt <= now) return { solved: false, reason: 'expired' }
  return { solved: true, challenge, expiresAt }
}

interface Solution {
  readonly challenge: string
  readonly number: number
  readonly salt: string
  readonly signature: string
  readonly expiresAt: number
}

function parseSolution(text: string): Solution | undefined {
  if (text.length > longestSolution || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const value = parseObject(Buffer.from(text, 'base64').toString('utf8'))
  if (value === undefined || value.algorithm !== 'SHA-256') return undefined
  const { challenge, number, salt, signature } = value
  if (!isDigest(challenge) || !isDigest(signature) || !isNumber(number)) return undefined
  const seconds = typeof salt === 'string' ? saltShape.exec(salt)?.[1] : undefined
  if (seconds === undefined) return undefined
  return { challenge, number, salt: salt as string, signature, expiresAt: Number(seconds) * 1_000 }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && digest.test(value)
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= greatestNumber
}

function challengeOf(salt: string, number: number): string {
  return hash('sha256', `${salt}${number}`, 'hex')
}

function signatureOf(key: Uint8Array, challenge: string): string {
  return hmacSha256(key, challenge).toString('hex')
}

/** From 48 random bits, so that no number is likelier than another by more than one in 20 million. */
function draw(random: Random, work: number): number {
  return Buffer.from(random.bytes(6)).readUIntBE(0, 6) % (work + 1)
}
