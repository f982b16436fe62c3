import { hashRaw } from '@node-rs/argon2'

/** `id` is ours; the others come with imported hashes. */
export type Argon2Variant = 'i' | 'd' | 'id'

/** One argon2 computation (RFC 9106): argon2id of version 0x13 unless it says otherwise. */
export interface Argon2Work {
  readonly message: Uint8Array
  readonly salt: Uint8Array
  readonly memoryKiB: number
  readonly passes: number
  readonly parallelism: number
  readonly tagBytes: number
  readonly variant?: Argon2Variant
  readonly version?: 0x10 | 0x13
}

/** The expensive function itself, off the event loop; resolves to the tag. */
export type Argon2 = (work: Argon2Work) => Promise<Uint8Array>

/** `Algorithm` and `Version`: ambient const enums that type stripping cannot see. */
const algorithms = { d: 0, i: 1, id: 2 } as const
const versions = { 16: 0, 19: 1 } as const

/** Prebuilt Rust, in libuv's pool: one computation holds one of its threads. */
export const nativeArgon2: Argon2 = (work) =>
  hashRaw(work.message, {
    algorithm: algorithms[work.variant ?? 'id'],
    version: versions[work.version ?? 0x13],
    salt: work.salt,
    memoryCost: work.memoryKiB,
    timeCost: work.passes,
    parallelism: work.parallelism,
    outputLen: work.tagBytes,
  })
