import { hash, randomBytes } from 'node:crypto'
import { openHoldfast } from './holdfast.ts'
import type { Loop, Loops } from './main.ts'

const count = 1_000

/** Checks of API keys that the node knows, beside the one hash that nobody can do without. */
export const loops: Loops = {
  'sha256, no more': hashOnly,
  'sha256 and a Map': hashAndMap,
  'known key': () => known([]),
  'known key with address ranges': () => known(['127.0.0.0/8', '2001:db8::/32']),
}

/** Gives the values one after the other, and again from the start. */
function inTurn<T>(values: readonly T[]): () => T {
  let at = 0
  return () => {
    at = (at + 1) % values.length
    return values[at] as T
  }
}

function inventKey(): string {
  return `hf_live_${randomBytes(16).toString('base64url')}_${randomBytes(36).toString('base64url')}`
}

/** Every request carries a text of its own, which the engine has to read once. */
function asHeaders(keys: readonly string[]): readonly string[] {
  return keys.map((key) => `Bearer ${key}`)
}

function hashOnly(): Loop {
  const next = inTurn(asHeaders(Array.from({ length: count }, inventKey)))
  return { run: () => hash('sha256', next().slice(7), 'base64url') }
}

/** What any check of a key costs that keeps no key in the clear. */
function hashAndMap(): Loop {
  const keys = Array.from({ length: count }, inventKey)
  const owners = new Map(keys.map((key) => [hash('sha256', key, 'base64url'), { key }]))
  const next = inTurn(asHeaders(keys))
  let allowed = 0
  return {
    run() {
      if (owners.get(hash('sha256', next().slice(7), 'base64url'))) allowed += 1
      return undefined
    },
    decisions: () => ({ key: { allowed } }),
  }
}

/** As the pipeline asks: revocation, expiry, address and last use with it. */
async function known(ipRanges: readonly string[]): Promise<Loop> {
  const { close, security } = await openHoldfast({ apiKeys: { maxPerOwner: count } })
  const { keyAuthenticator } = security.parts.rooms
  const account = { email: 'keys@shop.example', password: randomBytes(18).toString('base64url') }
  const owner = await security.users.create({ ...account, roles: ['buyer'] })
  const keys: string[] = []
  for (let at = 0; at < count; at++) {
    const draft = {
      name: `key ${at}`,
      scopes: ['read:orders'],
      ...(ipRanges[0] ? { ipRanges } : {}),
    }
    keys.push((await security.apiKeys.create({ kind: 'user', id: owner.id }, draft)).key)
  }
  const origin = { ip: '127.0.0.1' }
  for (const key of keys) await keyAuthenticator.authenticate({ key, origin })
  const next = inTurn(asHeaders(keys))
  const forged = await keyAuthenticator.authenticate({ key: inventKey(), origin })
  let allowed = 0
  return {
    run() {
      const outcome = keyAuthenticator.recall({ key: next().slice(7), origin })
      if (outcome !== undefined && 'keyId' in outcome) allowed += 1
      return undefined
    },
    decisions: () => ({ key: { allowed, refused: Number('code' in forged) } }),
    close,
  }
}
