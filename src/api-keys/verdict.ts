import type { Access, Permissions } from '../access/index.ts'
import { narrow } from '../access/index.ts'
import { equalSecrets } from '../crypto/index.ts'
import { type Database, json } from '../database/index.ts'
import { type Auth, compileIpRanges, type IpRanges } from '../http/index.ts'
import { keyPolicy, type LimitPolicy } from '../limits/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Revocation, RevocationListener } from '../revocation/index.ts'
import { endOf, type LiveBounds, limitOf } from './bounds.ts'
import type { KeyOwner, KeyOwners, OwnerFacts, OwnerRefusal } from './owners.ts'
import { findImportedKey, findKey } from './store.ts'
import type { ApiKeyRow } from './table.ts'

const cacheLimit = 50_000
const mostReads = 5

/** What a node knows of a key that works. */
export interface LiveKey {
  readonly ok: true
  readonly auth: Auth
  readonly quota: LimitPolicy
  /** Every one of them has to hold the client's address. */
  readonly ranges: readonly IpRanges[]
  /** The instant from which this must be read again. */
  readonly validUntil: number
  /** Everybody a change of whom changes this: the key, its owner, its organisation. */
  readonly subjects: readonly string[]
}

/** Why a key does not work; for the log alone. */
export type KeyFault =
  | OwnerRefusal['reason']
  | 'malformed'
  | 'unknown'
  | 'secret_wrong'
  | 'revoked'
  | 'expired'
  | 'rotated'
  | 'level'
  | 'address'
  | 'decoy'

export interface DeadKey {
  readonly ok: false
  readonly fault: KeyFault
  /** The row, where the key is one of ours. */
  readonly row?: ApiKeyRow
}

export type KeyVerdict = LiveKey | DeadKey

/** How a key is asked for; with a `hash` it has to prove itself. */
export type KeyQuestion =
  | { readonly id: string; readonly hash?: string }
  | { readonly importedHash: string }
  /** One of this form, which another Holdfast may have made. */
  | { readonly id: string; readonly hash: string; readonly importedHash: string }

export interface KeyVerdictsParts {
  readonly database: Database
  readonly access: Access
  readonly owners: KeyOwners
  readonly clock: Clock
  readonly bounds: LiveBounds
}

/**
 * What this node remembers of keys that work, so that a request costs no database read. It forgets when
 * a key, its owner, its organisation or any role changes; what was being read meanwhile is read again.
 */
export class KeyVerdicts implements RevocationListener {
  readonly #parts: KeyVerdictsParts
  readonly #live = new Map<string, LiveKey>()
  readonly #bySubject = new Map<string, Set<string>>()
  readonly #quotas = new WeakMap<Auth, LimitPolicy>()
  readonly #validUntil = new WeakMap<Auth, number>()
  #generation = 0

  constructor(parts: KeyVerdictsParts) {
    this.#parts = parts
  }

  /** How much is remembered. Nothing here may stay when its key is forgotten. */
  get remembered(): { readonly keys: number; readonly subjects: number } {
    return { keys: this.#live.size, subjects: this.#bySubject.size }
  }

  /** What is remembered under a name that only whoever showed the key can know, if it still holds. */
  recall(name: string, now: number): LiveKey | undefined {
    const known = this.#live.get(name)
    if (!known || now < known.validUntil) return known
    this.#forget(name)
    return undefined
  }

  /** The limit of a caller; undefined for one that this node did not admit by a key. */
  quotaOf(auth: Auth): LimitPolicy | undefined {
    return this.#quotas.get(auth)
  }

  /** The instant from which a caller must be judged again; 0, which is past, for one not made here. */
  expiresAt(auth: Auth): number {
    return this.#validUntil.get(auth) ?? 0
  }

  /**
   * Reads a key and decides on it; once more when something was revoked meanwhile. A key that works is
   * remembered under `name`. Throws when the database is away: never a guess.
   */
  async load(question: KeyQuestion, name?: string): Promise<KeyVerdict> {
    for (let reads = 1; ; reads++) {
      const generation = this.#generation
      const verdict = await this.#read(question)
      const settled = generation === this.#generation
      if (settled && verdict.ok && name !== undefined) this.#remember(name, verdict)
      if (settled || reads === mostReads) return verdict
    }
  }

  revoked({ id, kind }: Revocation): void {
    if (kind === 'session') return
    if (kind === 'roles') this.everything()
    this.#generation++
    for (const name of this.#bySubject.get(id) ?? []) this.#forget(name)
  }

  everything(): void {
    this.#generation++
    this.#live.clear()
    this.#bySubject.clear()
  }

  async #read(question: KeyQuestion): Promise<KeyVerdict> {
    const { bounds, clock, database, owners } = this.#parts
    const row = await this.#find(question)
    if (!row) return { ok: false, fault: 'unknown' }
    const hash = hashOf(question, row)
    if (hash !== undefined && !equalSecrets(row.hash, hash)) {
      return { ok: false, fault: 'secret_wrong', row }
    }
    const now = clock.now()
    // First of all: one that somebody has tidied away is still shown by thieves alone.
    const fault = row.decoy === 1 ? 'decoy' : faultOf(row, now, bounds)
    if (fault) return { ok: false, fault, row }
    const owner = ownerOf(row)
    const facts = await owners.find(database.reader, owner, now)
    if (!facts.ok) return { ok: false, fault: facts.reason, row }
    if (row.level < facts.requiredLevel) return { ok: false, fault: 'level', row }
    return this.#admit(row, facts)
  }

  async #find(question: KeyQuestion): Promise<ApiKeyRow | undefined> {
    const { reader } = this.#parts.database
    const own = 'id' in question ? await findKey(reader, question.id) : undefined
    if (own && own.imported === 0) return own
    return 'importedHash' in question ? findImportedKey(reader, question.importedHash) : own
  }

  #admit(row: ApiKeyRow, facts: OwnerFacts): LiveKey {
    const { bounds } = this.#parts
    const scopes = json.decode<readonly string[]>(row.scopes)
    const auth = this.#authOf(row, facts, scopes)
    const ends = [endOf(row, bounds), row.ends_at, facts.until ?? null].filter(
      (end) => end !== null,
    )
    const validUntil = Math.min(Number.MAX_SAFE_INTEGER, ...ends)
    const quota = keyPolicy(limitOf(row, bounds))
    this.#quotas.set(auth, quota)
    this.#validUntil.set(auth, validUntil)
    const { organisation } = facts
    const subjects = [row.id, row.owner_id, ...(organisation === undefined ? [] : [organisation])]
    return { ok: true, auth, quota, ranges: rangesOf(row, facts), validUntil, subjects }
  }

  #authOf(row: ApiKeyRow, facts: OwnerFacts, scopes: readonly string[]): Auth {
    const { organisation, requiredLevel, roles } = facts
    const userId = row.owner_id
    const level = row.level === 2 ? 2 : 1
    const permissions: Permissions = narrow(facts.permissions, scopes)
    const there = organisation === undefined ? {} : { organisation }
    const caller = { userId, level, requiredLevel, roles, ...there } as const
    return Object.freeze({
      ...{ userId, sessionId: '', keyId: row.id, csrfToken: '' },
      roles: Object.freeze([]),
      permissions: Object.freeze([...scopes]),
      ...{ level, requiredLevel, secondFactor: false, authTime: row.created_at },
      ...there,
      ...this.#parts.access.reach(permissions, caller),
    })
  }

  #remember(name: string, verdict: LiveKey): void {
    this.#forget(name)
    if (this.#live.size >= cacheLimit) this.#forgetOldest()
    this.#live.set(name, verdict)
    for (const subject of verdict.subjects) {
      const names = this.#bySubject.get(subject) ?? new Set()
      this.#bySubject.set(subject, names.add(name))
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#live.keys()
    if (oldest !== undefined) this.#forget(oldest)
  }

  #forget(name: string): void {
    const known = this.#live.get(name)
    if (!known) return
    this.#live.delete(name)
    for (const subject of known.subjects) {
      const names = this.#bySubject.get(subject)
      names?.delete(name)
      if (names?.size === 0) this.#bySubject.delete(subject)
    }
  }
}

/** What proves a key: of an imported one all of it, never the secret part of some other form. */
function hashOf(question: KeyQuestion, { imported }: ApiKeyRow): string | undefined {
  if (imported === 1 && 'importedHash' in question) return question.importedHash
  return 'hash' in question ? question.hash : undefined
}

/** Whose a key is. */
export function ownerOf(row: ApiKeyRow): KeyOwner {
  const { organisation_id: organisation, owner_id: id, owner_kind: kind } = row
  return { kind, id, ...(organisation === null ? {} : { organisation }) }
}

/** Why a key as such does not work at `now`; undefined when it does. */
export function faultOf(
  row: ApiKeyRow,
  now: number,
  bounds: Pick<LiveBounds, 'maxLifetimeMs'>,
): Extract<KeyFault, 'revoked' | 'expired' | 'rotated' | 'decoy'> | undefined {
  if (row.revoked_at !== null) return 'revoked'
  const end = endOf(row, bounds)
  if (end !== null && end <= now) return 'expired'
  if (row.ends_at !== null && row.ends_at <= now) return 'rotated'
  return row.decoy === 1 ? 'decoy' : undefined
}

/** What cannot be read any more admits nobody. */
function rangesOf(row: ApiKeyRow, { ipRanges }: OwnerFacts): readonly IpRanges[] {
  const own = row.ip_ranges === null ? [] : [json.decode<readonly string[]>(row.ip_ranges)]
  return [...own, ...(ipRanges ? [ipRanges] : [])].map(compileIpRanges)
}
