import { availableParallelism } from 'node:os'
import { type Clock, type Random, systemRandom } from '../ports/index.ts'
import { type Argon2, nativeArgon2 } from './argon2.ts'
import { equalSecrets } from './constant-time.ts'
import { type ForeignHash, isPayableArgon2, isPayableForeign } from './foreign-hash.ts'
import { parseForeignHash } from './foreign-hash-parse.ts'
import { computeForeign, isForeignPassword, readsWhole } from './foreign-hash-work.ts'
import { HashQueue } from './hash-queue.ts'
import { hmacSha256 } from './mac.ts'
import { type Argon2Cost, formatPhc, isPayable, type PhcHash, parsePhc, phcKeyId } from './phc.ts'

/** Server-side secrets mixed into every password, kept outside the database. */
export interface Pepper {
  /** Id of the key for new hashes: 1-32 of letters, digits and `+ / . -`. Recorded in the hash. */
  readonly current: string
  /** Every key that may still be in use, by id; 16 bytes or more each. */
  readonly keys: ReadonlyMap<string, Uint8Array>
}

export interface PasswordHasherOptions extends Argon2Cost {
  /** Hashes at a time; see {@link defaultHashConcurrency}. */
  readonly concurrency: number
  /** Longest estimated wait before a password is refused with 503. */
  readonly maxWaitMs: number
  readonly pepper?: Pepper
  readonly clock: Clock
  readonly random?: Random
  /** The expensive function; for tests that count. */
  readonly argon2?: Argon2
}

export interface PasswordCheck {
  readonly valid: boolean
  /** Valid, but made with another cost, salt length or pepper than a hash of today. */
  readonly needsRehash: boolean
}

/** What {@link PasswordHasher.judge} says of a hash that is to be stored. */
export type HashVerdict = 'usable' | 'unknown' | 'too_costly'

const saltBytes = 16
const tagBytes = 32
const leastPepperBytes = 16
/** In UTF-16 units; above the longest password of any policy, below what costs time to normalise. */
const longestPassword = 4_096

/**
 * One hash for each core but one, and at most three: libuv has four threads, and the fourth is left
 * to files and DNS, which a storm of sign-ins would otherwise starve.
 */
export function defaultHashConcurrency(): number {
  return Math.max(1, Math.min(availableParallelism() - 1, 3))
}

/**
 * Hashes and checks passwords with argon2id (RFC 9106; OWASP's 19 MiB, 2 passes, 1 lane is the
 * usual cost) off the event loop, through a bounded queue. Passwords are put into NFC here and
 * nowhere else, so every keyboard's spelling of a password is one password.
 *
 * Every method does the work of exactly one hash and rejects with `password_queue_full` (503) when
 * the queue is full: the caller learns nothing about the account from time or load. The exception is
 * an imported hash that was not upgraded yet: it takes the time of the function that made it.
 */
export class PasswordHasher {
  readonly #cost: Argon2Cost
  readonly #pepper: Pepper | undefined
  readonly #queue: HashQueue
  readonly #random: Random
  readonly #argon2: Argon2
  /** Same shape and cost as a real hash, with a random tag that no password has. */
  readonly #dummy: PhcHash

  /** Throws TypeError for a cost out of bounds (see the README) or a pepper without its key. */
  constructor(options: PasswordHasherOptions) {
    const { memoryKiB, passes, parallelism } = options
    this.#cost = { memoryKiB, passes, parallelism }
    if (!isPayable(this.#cost)) throw new TypeError('The argon2 cost is out of bounds.')
    this.#pepper = options.pepper && checkedPepper(options.pepper)
    this.#queue = new HashQueue(options)
    this.#random = options.random ?? systemRandom
    this.#argon2 = options.argon2 ?? nativeArgon2
    this.#dummy = { ...this.#blank(), tag: Buffer.from(this.#random.bytes(tagBytes)) }
  }

  /** Passwords waiting for their turn. */
  get queueDepth(): number {
    return this.#queue.depth
  }

  /**
   * The PHC string to store: `$argon2id$v=19$m=,t=,p=[,keyid=]$salt$tag`, at most 200 characters.
   * Throws TypeError for a password that no policy accepts: a lone surrogate, over 4,096 units.
   */
  async hash(password: string): Promise<string> {
    if (!isHashable(password)) throw new TypeError('The password was not checked by a policy.')
    const blank = this.#blank()
    return formatPhc({ ...blank, tag: await this.#compute(blank, password) })
  }

  /**
   * Whether `password` made `stored`: a hash of ours, or one of bcrypt, scrypt, PBKDF2 or argon2 that
   * another program made (see `foreign-hash-parse.ts`), which asks for a rehash unless bcrypt read only
   * a part of the password. A hash that is broken, unknown, too costly, or of an unknown pepper is not
   * valid, after the same work as a hash of today; nothing throws for what either text holds.
   */
  async verify(stored: string, password: string): Promise<PasswordCheck> {
    const parsed = this.#parseKnown(stored)
    const foreign = parsed || parsePhc(stored) ? undefined : payableForeign(stored)
    if (foreign) return this.#verifyForeign(foreign, password)
    const tag = await this.#compute(parsed ?? this.#dummy, password)
    const same = equalSecrets(tag, (parsed ?? this.#dummy).tag)
    const valid = same && parsed !== undefined && isHashable(password)
    return { valid, needsRehash: valid && !this.#isOfToday(parsed) }
  }

  /**
   * Whether {@link verify} could ever find a password for `stored`, for whoever brings hashes from
   * elsewhere: `unknown` in spelling or pepper, or `too_costly` for a single sign-in.
   */
  judge(stored: string): HashVerdict {
    const own = parsePhc(stored)
    if (own) {
      if (!isPayableArgon2(own)) return 'too_costly'
      return this.#parseKnown(stored) ? 'usable' : 'unknown'
    }
    const foreign = parseForeignHash(stored)
    if (!foreign) return 'unknown'
    return isPayableForeign(foreign) ? 'usable' : 'too_costly'
  }

  /** Exactly the work of {@link verify}, for an account that is not there. */
  async verifyDummy(password: string): Promise<void> {
    await this.verify('', password)
  }

  /** Refuses new work; resolves when what was accepted is done. */
  async close(): Promise<void> {
    await this.#queue.close()
  }

  async #verifyForeign(hash: ForeignHash, password: string): Promise<PasswordCheck> {
    const text = password.slice(0, longestPassword)
    const tag = await this.#queue.run(() =>
      computeForeign(hash, text, this.#argon2).catch(() => undefined),
    )
    if (!tag) return this.verify('', password) // The library refuses what it asks for.
    const same = equalSecrets(tag, hash.tag)
    const valid = same && isHashable(password) && isForeignPassword(hash, password)
    return { valid, needsRehash: valid && readsWhole(hash, password) }
  }

  #blank(): PhcHash {
    const salt = Buffer.from(this.#random.bytes(saltBytes))
    return { ...this.#cost, keyId: this.#pepper?.current, salt, tag: Buffer.alloc(tagBytes) }
  }

  #parseKnown(stored: string): PhcHash | undefined {
    const parsed = parsePhc(stored)
    if (!parsed || parsed.keyId === undefined) return parsed
    return this.#pepper?.keys.has(parsed.keyId) ? parsed : undefined
  }

  #isOfToday(hash: PhcHash): boolean {
    return (
      hash.memoryKiB === this.#cost.memoryKiB &&
      hash.passes === this.#cost.passes &&
      hash.parallelism === this.#cost.parallelism &&
      hash.keyId === this.#pepper?.current &&
      hash.salt.byteLength >= saltBytes &&
      hash.tag.byteLength >= tagBytes
    )
  }

  async #compute(hash: PhcHash, password: string): Promise<Buffer> {
    const { memoryKiB, passes, parallelism, salt } = hash
    const cost = { memoryKiB, passes, parallelism, salt, tagBytes: hash.tag.byteLength }
    const message = this.#message(hash.keyId, password)
    return Buffer.from(await this.#queue.run(() => this.#argon2({ message, ...cost })))
  }

  #message(keyId: string | undefined, password: string): Uint8Array {
    const text = password.slice(0, longestPassword).normalize('NFC')
    const key = keyId === undefined ? undefined : this.#pepper?.keys.get(keyId)
    return key ? hmacSha256(key, text) : Buffer.from(text, 'utf8')
  }
}

function payableForeign(stored: string): ForeignHash | undefined {
  const hash = parseForeignHash(stored)
  return hash && isPayableForeign(hash) ? hash : undefined
}

function isHashable(password: string): boolean {
  return password.length <= longestPassword && password.isWellFormed()
}

function checkedPepper(pepper: Pepper): Pepper {
  if (!pepper.keys.has(pepper.current)) throw new TypeError('The current pepper has no key.')
  for (const [id, key] of pepper.keys) {
    if (!phcKeyId.test(id)) throw new TypeError('A pepper id is 1-32 of A-Z a-z 0-9 + / . -')
    if (key.byteLength < leastPepperBytes) throw new TypeError('A pepper needs 16 bytes or more.')
  }
  return { current: pepper.current, keys: new Map(pepper.keys) }
}
