import type { Argon2Variant } from './argon2.ts'

/** A bcrypt hash: `$2a$`, `$2b$` and `$2y$` are one function for UTF-8. */
export interface BcryptHash {
  readonly algorithm: 'bcrypt'
  /** Binary logarithm of the rounds. */
  readonly cost: number
  /** 16 bytes. */
  readonly salt: Buffer
  /** 23 bytes: the last of bcrypt's 24 is never written. */
  readonly tag: Buffer
}

/** An scrypt hash (RFC 7914). */
export interface ScryptHash {
  readonly algorithm: 'scrypt'
  readonly n: number
  readonly r: number
  readonly p: number
  /** What the program that made it does to a password before it hashes. */
  readonly form: 'as typed' | 'NFKC'
  readonly salt: Buffer
  readonly tag: Buffer
}

/** A PBKDF2-HMAC hash (RFC 8018 section 5.2). */
export interface Pbkdf2Hash {
  readonly algorithm: 'pbkdf2'
  readonly digest: Pbkdf2Digest
  readonly iterations: number
  readonly salt: Buffer
  readonly tag: Buffer
}

export type Pbkdf2Digest = 'sha1' | 'sha256' | 'sha512'

/** An argon2 hash (RFC 9106) of another variant, version or spelling than ours. */
export interface ForeignArgon2Hash {
  readonly algorithm: 'argon2'
  readonly variant: Argon2Variant
  readonly version: 0x10 | 0x13
  readonly memoryKiB: number
  readonly passes: number
  readonly parallelism: number
  readonly salt: Buffer
  readonly tag: Buffer
}

/** A password hash that another program made. */
export type ForeignHash = BcryptHash | ScryptHash | Pbkdf2Hash | ForeignArgon2Hash

/** Most a single foreign hash may hold of memory; with three at a time 768 MiB. */
const mostMemoryBytes = 256 * 1024 * 1024
/** About a second of one core each, on a machine of 2024. */
const mostBcryptCost = 14
const mostScryptWork = 2 ** 21
const mostScryptFactor = 32
const mostPbkdf2Work = 2_000_000
const mostArgon2Work = 2 ** 21
const mostArgon2Lanes = 16
const digestBytes = { sha1: 20, sha256: 32, sha512: 64 } as const

/**
 * Whether we are ready to compute this hash: at most 256 MiB, and at most about a second of one core
 * (bcrypt 14; scrypt N r p of 2^21; 2,000,000 iterations of PBKDF2; argon2 2 GiB in all its passes).
 * Nobody who can put a hash into the table can make a sign-in cost more.
 */
export function isPayableForeign(hash: ForeignHash): boolean {
  switch (hash.algorithm) {
    case 'bcrypt':
      return hash.cost >= 4 && hash.cost <= mostBcryptCost
    case 'scrypt':
      return isPayableScrypt(hash)
    case 'pbkdf2':
      return pbkdf2Work(hash) >= 1 && pbkdf2Work(hash) <= mostPbkdf2Work
    case 'argon2':
      return isPayableArgon2(hash)
  }
}

function isPayableScrypt({ n, r, p }: ScryptHash): boolean {
  const isPower = Number.isInteger(Math.log2(n)) && n >= 2
  const isBounded = r >= 1 && p >= 1 && r <= mostScryptFactor && p <= mostScryptFactor
  // RFC 7914 section 6: N must be less than 2^(128 * r / 8). OpenSSL refuses to compute others.
  const isDefined = Math.log2(n) < 16 * r
  const isCheap = 128 * n * r <= mostMemoryBytes && n * r * p <= mostScryptWork
  return isPower && isBounded && isDefined && isCheap
}

/** Every further block of output is computed with all iterations. */
function pbkdf2Work({ digest, iterations, tag }: Pbkdf2Hash): number {
  return iterations * Math.ceil(tag.byteLength / digestBytes[digest])
}

/** Also for hashes that look like ours but came from elsewhere. */
export function isPayableArgon2(
  cost: Pick<ForeignArgon2Hash, 'memoryKiB' | 'parallelism' | 'passes'>,
): boolean {
  const { memoryKiB, parallelism, passes } = cost
  if (parallelism < 1 || parallelism > mostArgon2Lanes || passes < 1) return false
  if (memoryKiB < 8 * parallelism || memoryKiB * 1024 > mostMemoryBytes) return false
  return memoryKiB * passes <= mostArgon2Work
}
