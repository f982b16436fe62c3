/** What one argon2id hash costs. */
export interface Argon2Cost {
  readonly memoryKiB: number
  readonly passes: number
  readonly parallelism: number
}

/** An argon2id hash as the database keeps it. */
export interface PhcHash extends Argon2Cost {
  /** Names the pepper that was mixed in, if any. */
  readonly keyId: string | undefined
  readonly salt: Buffer
  readonly tag: Buffer
}

/** Values a PHC parameter may have; our pepper names keep to it. */
export const phcKeyId = /^[A-Za-z0-9+/.-]{1,32}$/

const shape =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d?),p=([1-9]\d?)(?:,keyid=([A-Za-z0-9+/.-]{1,32}))?\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/
const mostMemoryKiB = 262_144
const mostPasses = 16
const mostParallelism = 16

/** Whether the cost is one we are ready to pay for a single hash: at most 256 MiB, 16 passes. */
export function isPayable(cost: Argon2Cost): boolean {
  const { memoryKiB, passes, parallelism } = cost
  return (
    isBetween(parallelism, 1, mostParallelism) &&
    isBetween(memoryKiB, 8 * parallelism, mostMemoryKiB) &&
    isBetween(passes, 1, mostPasses)
  )
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

/**
 * Reads `$argon2id$v=19$m=,t=,p=[,keyid=]$salt$tag` (the PHC string format), canonical base64
 * without padding. Undefined for every other algorithm, version or order, and for a cost that
 * nobody should be able to make us pay.
 */
export function parsePhc(text: string): PhcHash | undefined {
  const match = shape.exec(text)
  if (!match) return undefined
  const [, memory, passes, parallelism, keyId, salt = '', tag = ''] = match
  const hash = {
    memoryKiB: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    keyId,
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  }
  const isCanonical = unpadded(hash.salt) === salt && unpadded(hash.tag) === tag
  return isCanonical && isPayable(hash) ? hash : undefined
}

/** Writes what {@link parsePhc} reads. */
export function formatPhc(hash: PhcHash): string {
  const key = hash.keyId === undefined ? '' : `,keyid=${hash.keyId}`
  const cost = `m=${hash.memoryKiB},t=${hash.passes},p=${hash.parallelism}${key}`
  return `$argon2id$v=19$${cost}$${unpadded(hash.salt)}$${unpadded(hash.tag)}`
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}
