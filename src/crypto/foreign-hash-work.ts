import { pbkdf2, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import type { Argon2 } from './argon2.ts'
import type { BcryptHash, ForeignHash, Pbkdf2Hash, ScryptHash } from './foreign-hash.ts'
import { fromBcryptBase64 } from './foreign-hash-parse.ts'

const derivePbkdf2 = promisify(pbkdf2)
/** What bcrypt reads of a password; the rest is no part of the hash. */
const bcryptBytes = 72
const bcryptTagLength = 31

/**
 * The tag that `password` has under the function, cost and salt of `hash`, for comparison in constant
 * time. Every function runs in libuv's pool, none on the event loop. The password is taken as it was
 * typed, unless the program that made the hash is known to normalise it.
 */
export async function computeForeign(
  hash: ForeignHash,
  password: string,
  argon2: Argon2,
): Promise<Uint8Array> {
  switch (hash.algorithm) {
    case 'bcrypt':
      return computeBcrypt(hash, Buffer.from(password))
    case 'scrypt':
      return computeScrypt(hash, password)
    case 'pbkdf2':
      return computePbkdf2(hash, Buffer.from(password))
    case 'argon2':
      return argon2({ ...hash, message: Buffer.from(password), tagBytes: hash.tag.byteLength })
  }
}

/**
 * Whether the program that made `hash` could have been given this password at all. bcrypt ends at a
 * NUL and goes round again, so `ab` and `ab NUL ab` are one password to it: with a NUL there is none.
 */
export function isForeignPassword(hash: ForeignHash, password: string): boolean {
  return hash.algorithm !== 'bcrypt' || !password.includes('\0')
}

/**
 * Whether the hash vouches for the whole password. bcrypt reads 72 bytes; nobody knows whether what
 * was typed after them is right, so it must not become part of a new hash.
 */
export function readsWhole(hash: ForeignHash, password: string): boolean {
  return hash.algorithm !== 'bcrypt' || Buffer.byteLength(password) <= bcryptBytes
}

/**
 * Loaded by the first account that needs it. Longer passwords are cut at 72 bytes, as crypt_blowfish,
 * PHP, htpasswd and the rest do: exactly what the original accepted is accepted.
 */
async function computeBcrypt({ cost, salt }: BcryptHash, password: Buffer): Promise<Uint8Array> {
  const { hash } = await import('@node-rs/bcrypt')
  const text = await hash(password.subarray(0, bcryptBytes), cost, salt)
  return fromBcryptBase64(text.slice(-bcryptTagLength))
}

function computeScrypt(hash: ScryptHash, password: string): Promise<Uint8Array> {
  const { form, n, p, r, salt, tag } = hash
  const message = form === 'NFKC' ? password.normalize('NFKC') : password
  const options = { N: n, r, p, maxmem: 128 * r * (n + p + 2) + 1024 }
  return new Promise((resolve, reject) => {
    scrypt(Buffer.from(message), salt, tag.byteLength, options, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}

function computePbkdf2(hash: Pbkdf2Hash, password: Buffer): Promise<Uint8Array> {
  const { digest, iterations, salt, tag } = hash
  return derivePbkdf2(password, salt, iterations, tag.byteLength, digest)
}
