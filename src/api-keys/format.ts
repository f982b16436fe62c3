import { crc32 } from 'node:zlib'
import { hashToken } from '../crypto/index.ts'
import type { Random } from '../ports/index.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const idLength = 16
const secretLength = 32
const checksumLength = 6

/**
 * What scanners of source code and logs look for, in the syntax that nearly all of them read. Whatever
 * matches is a key of ours for certain once {@link inspectKey} agrees with its checksum.
 */
export const keyPattern = 'hf_[a-z][a-z0-9]{0,11}_[0-9A-Za-z]{16}_[0-9A-Za-z]{38}'

const keyShape = new RegExp(
  `^(hf_([a-z][a-z0-9]{0,11})_([0-9A-Za-z]{${idLength}})_([0-9A-Za-z]{${secretLength}}))([0-9A-Za-z]{${checksumLength}})$`,
)

/** The parts of a key whose checksum agrees. */
export interface KeyParts {
  readonly environment: string
  /** Public: it names the key in lists, logs and the database. */
  readonly id: string
  /** What the database keeps instead of the key. */
  readonly hash: string
}

/** A key on its only way out. */
export interface NewKey extends KeyParts {
  /** The whole key: shown once, never stored. */
  readonly key: string
}

/** What can be told of a text without the service that would accept it. */
export type KeyInspection =
  | { readonly kind: 'key'; readonly environment: string; readonly id: string }
  /** Mistyped or cut: the last six characters are not the checksum of those before. */
  | { readonly kind: 'checksum_wrong'; readonly environment: string; readonly id: string }
  | { readonly kind: 'no_key' }

/**
 * A new key, `hf_<environment>_<id>_<secret><checksum>`: 95 random bits that name it, 190 that prove it,
 * and the CRC-32 of all of that, as tokens of GitHub have it. The words in front make it recognisable,
 * the checksum makes a scanner certain, and neither helps anybody who guesses.
 */
export function newKey(environment: string, random: Random): NewKey {
  const id = randomWord(idLength, random)
  const secret = randomWord(secretLength, random)
  const body = `hf_${environment}_${id}_${secret}`
  return { key: `${body}${checksumOf(body)}`, environment, id, hash: hashToken(secret) }
}

/** The parts of what somebody shows; undefined for whatever is no key, mistyped ones included. */
export function readKey(text: string): KeyParts | undefined {
  const [, body, environment, id, secret, checksum] = keyShape.exec(text) ?? []
  if (body === undefined || environment === undefined || id === undefined) return undefined
  // A checksum is no secret: it tells a slip of the hand, and says nothing about whether the key is good.
  if (secret === undefined || checksumOf(body) !== checksum) return undefined
  return { environment, id, hash: hashToken(secret) }
}

/** Reads a key offline, for whoever found one. The secret is in no part of the answer. */
export function inspectKey(text: string): KeyInspection {
  const [, body, environment, id, , checksum] = keyShape.exec(text.trim()) ?? []
  if (body === undefined || environment === undefined || id === undefined) return { kind: 'no_key' }
  return { kind: checksumOf(body) === checksum ? 'key' : 'checksum_wrong', environment, id }
}

/** Whether somebody meant to show a key of ours, well-formed or not. */
export function looksLikeKey(text: string): boolean {
  return text.startsWith('hf_')
}

/** CRC-32 (ISO 3309) of a text as six base62 digits, the most significant first. */
export function checksumOf(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let at = 0; at < checksumLength; at++) {
    digits = `${alphabet[rest % 62]}${digits}`
    rest = Math.floor(rest / 62)
  }
  return digits
}

/** Bytes from 248 on are drawn again, so that no character is likelier than another. */
function randomWord(length: number, random: Random): string {
  let word = ''
  while (word.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < 248 && word.length < length) word += alphabet[byte % 62]
    }
  }
  return word
}
