import { createDecipheriv, createHash } from 'node:crypto'

/** The secrets of Better Auth by which it sealed second factors, from the environment of the old app. */
export interface BetterAuthSecrets {
  /** `BETTER_AUTH_SECRET`, for what was sealed without a version. */
  readonly bare: string | undefined
  /** `BETTER_AUTH_SECRETS`, `2:secret,1:older`. */
  readonly versions: ReadonlyMap<number, string>
}

export function betterAuthSecrets(env: NodeJS.ProcessEnv): BetterAuthSecrets {
  const entries = (env.BETTER_AUTH_SECRETS ?? '').split(',').filter((entry) => entry.includes(':'))
  const versions = entries.map((entry): [number, string] => {
    const [version = '', ...secret] = entry.trim().split(':')
    return [Number(version), secret.join(':').trim()]
  })
  return { bare: env.BETTER_AUTH_SECRET || undefined, versions: new Map(versions) }
}

/**
 * The secret of an authenticator app in Base32, from what the plugin twoFactor keeps: a text whose
 * UTF-8 bytes are the key, or `base32:` and the key. Undefined when these secrets do not open it.
 */
export function totpSecretOf(sealed: string, secrets: BetterAuthSecrets): string | undefined {
  const [, version, versioned] = /^\$ba\$(\d+)\$(.*)$/.exec(sealed) ?? []
  const key = version === undefined ? secrets.bare : secrets.versions.get(Number(version))
  const text = key && open(key, versioned ?? sealed)
  if (!text) return undefined
  return text.startsWith('base32:') ? text.slice(7).toUpperCase() : base32(Buffer.from(text))
}

const nonceBytes = 24
const tagBytes = 16

/** XChaCha20-Poly1305 under the SHA-256 of the secret; the nonce stands before the text, the tag behind. */
function open(secret: string, hex: string): string | undefined {
  const bytes = Buffer.from(hex, 'hex')
  if (bytes.length * 2 !== hex.length || bytes.length < nonceBytes + tagBytes) return undefined
  const key = createHash('sha256').update(secret).digest()
  const nonce = bytes.subarray(0, nonceBytes)
  const subkey = hchacha20(key, nonce.subarray(0, 16))
  const iv = Buffer.concat([Buffer.alloc(4), nonce.subarray(16)])
  const cipher = createDecipheriv('chacha20-poly1305', subkey, iv, { authTagLength: tagBytes })
  cipher.setAuthTag(bytes.subarray(-tagBytes))
  try {
    const text = cipher.update(bytes.subarray(nonceBytes, -tagBytes))
    return Buffer.concat([text, cipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

/** The four columns, then the four diagonals, of a double round (RFC 8439 section 2.3). */
const quarters = [
  ...[
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
  ],
  ...[
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
  ],
] as const

/** The key of XChaCha20 for one nonce (draft-irtf-cfrg-xchacha-03 section 2.2), which Node does not have. */
export function hchacha20(key: Uint8Array, nonce: Uint8Array): Buffer {
  const start = Buffer.concat([Buffer.from('expand 32-byte k'), key, nonce])
  const state = Uint32Array.from({ length: 16 }, (_, at) => start.readUInt32LE(at * 4))
  for (let round = 0; round < 10; round++) for (const quarter of quarters) mix(state, quarter)
  const out = Buffer.alloc(32)
  for (let at = 0; at < 4; at++) {
    out.writeUInt32LE(state[at] ?? 0, at * 4)
    out.writeUInt32LE(state[at + 12] ?? 0, at * 4 + 16)
  }
  return out
}

/** Section 2.1. */
function mix(state: Uint32Array, [a, b, c, d]: readonly [number, number, number, number]): void {
  const add = (to: number, from: number, turned: number, by: number) => {
    state[to] = (state[to] ?? 0) + (state[from] ?? 0)
    const mixed = (state[turned] ?? 0) ^ (state[to] ?? 0)
    state[turned] = (mixed << by) | (mixed >>> (32 - by))
  }
  add(a, b, d, 16)
  add(c, d, b, 12)
  add(a, b, d, 8)
  add(c, d, b, 7)
}

/** RFC 4648 section 6, without padding. */
function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const letters = bits.match(/.{1,5}/g) ?? []
  return letters
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('')
}
