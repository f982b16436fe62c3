import { hashRaw } from '@node-rs/argon2'

/** One argon2id computation (RFC 9106, version 0x13). */
export interface Argon2Work {
  readonly message: Uint8Array
  readonly salt: Uint8Array
  readonly memoryKiB: number
  readonly passes: number
  readonly parallelism: number
  readonly tagBytes: number
}

/** The expensive function itself, off the event loop; resolves to the tag. */
export type Argon2 = (work: Argon2Work) => Promise<Uint8Array>

/** `Algorithm.Argon2id` and `Version.V0x13`: ambient const enums that type stripping cannot see. */
const argon2id = 2
const version0x13 = 1

/** Prebuilt Rust, in libuv's pool: one computation holds one of its threads. */
export const nativeArgon2: Argon2 = (work) =>
  hashRaw(work.message, {
    algorithm: argon2id,
    version: version0x13,
    salt: work.salt,
    memoryCost: work.memoryKiB,
    timeCost: work.passes,
    parallelism: work.parallelism,
    outputLen: work.tagBytes,
  })
