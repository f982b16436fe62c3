import type { Access, By } from '../access/index.ts'
import { type Database, type Db, inBatches, json, type Trx } from '../database/index.ts'
import type { Recorder } from '../events/index.ts'
import { organisationErrors } from '../organisations/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { demandLevel, demandRoom, demandRotatable } from './demands.ts'
import type { ApiKeyView } from './describe.ts'
import { draftOf, eventOf, fieldsOf, inheritedOf, type KeyBy, nobody, payloadOf } from './drafts.ts'
import { apiKeyErrors } from './errors.ts'
import { newKey } from './format.ts'
import { lentScopes, lentUntil, refuseBeyondGiver } from './lending.ts'
import type { KeyOwner, KeyOwners, OwnerFacts } from './owners.ts'
import { checkRequest, expiryOf, type KeyBounds, type NewApiKey } from './request.ts'
import {
  deleteEndedKeys,
  findKey,
  findKeys,
  findKeysOf,
  findWorkingKeysOf,
  insertKey,
  type KeyPage,
  type OwnKeyPage,
  revokeKey,
  succeedKey,
} from './store.ts'
import type { ApiKeyRow } from './table.ts'
import type { KeyUsage } from './usage.ts'
import { ownerOf } from './verdict.ts'
import { viewsOf } from './views.ts'

const dayMs = 24 * 60 * 60 * 1000
/** Keys that have ended stay in lists for this long. */
const keepEndedMs = 90 * dayMs
const mostListed = 500

/** What the options say of keys. */
export interface ApiKeyRules {
  readonly environment: string
  readonly limitPerHour: number
  readonly maxLimitPerHour: number
  readonly maxLifetimeMs?: number
  readonly rotationOverlapMs: number
  readonly maxPerOwner: number
}

export interface ApiKeysParts {
  readonly database: Database
  readonly access: Access
  readonly owners: KeyOwners
  readonly usage: KeyUsage
  readonly recorder: Recorder
  readonly revocations: Revocations
  readonly clock: Clock
  readonly random: Random
  readonly rules: ApiKeyRules
}

/** A key at the one moment at which it can be seen. */
export interface ShownKey {
  readonly key: string
  readonly apiKey: ApiKeyView
}

/** Which keys somebody may change: those of one owner, or all. */
export interface KeyReach {
  readonly ownerId?: string
}

/** API keys: made, listed, rotated, revoked, with a record of each. */
export class ApiKeys {
  readonly #parts: ApiKeysParts

  constructor(parts: ApiKeysParts) {
    this.#parts = parts
  }

  /**
   * Makes a key. Throws `invalid_request`, `scopes_required`, `scope_outranks_owner` for what owner or
   * giver does not hold now, `api_key_level_too_low`, `api_key_limit_reached`, `organisation_not_found`, and `api_key_not_found` for
   * an owner that is none.
   */
  async create(named: KeyOwner, input: NewApiKey, by: KeyBy = {}): Promise<ShownKey> {
    const { access, database, owners, revocations, rules } = this.#parts
    const bounds = this.#bounds()
    checkRequest(input, bounds)
    const owner = await owners.resolve(database.reader, named)
    const { key, row } = this.#draft(owner, by)
    const filled = { ...row, ...fieldsOf(input) }
    const asked = {
      giver: by.giver,
      scopes: input.scopes ?? [],
      expiresAt: expiryOf(input, bounds),
    }
    await database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'key', id: owner.id })
      const facts = await this.#ownerOf(trx, owner, bounds.now)
      const scopes = await lentScopes(access, trx, { ...asked, facts })
      demandLevel(row, facts)
      await demandRoom(trx, owner.id, { now: bounds.now, maxPerOwner: rules.maxPerOwner })
      const expires_at = await lentUntil(access, trx, asked)
      const where = { organisation_id: facts.organisation ?? null, expires_at }
      await this.#insert(trx, { ...filled, ...where, scopes: json.encode(scopes) }, by)
    })
    return { key, apiKey: await this.get(row.id) }
  }

  /**
   * Keys of an owner, the newest first; those that ended in the last 90 days among them. At most 500, unless
   * `page` says otherwise.
   */
  async list(
    ownerId: string,
    page: OwnKeyPage = { limit: mostListed },
  ): Promise<readonly ApiKeyView[]> {
    return viewsOf(await findKeysOf(this.#parts.database.reader, ownerId, page), this.#parts)
  }

  /** Keys of all owners, decoys among them, in the order of their creation. */
  async search(page: KeyPage): Promise<readonly ApiKeyView[]> {
    return viewsOf(await findKeys(this.#parts.database.reader, page), this.#parts)
  }

  /** A key by its id. Throws `api_key_not_found`. */
  async get(id: string, reach: KeyReach = {}): Promise<ApiKeyView> {
    const row = await this.#row(this.#parts.database.reader, id, reach)
    const [view] = await viewsOf([row], this.#parts)
    if (!view) throw apiKeyErrors.api_key_not_found()
    return view
  }

  /**
   * Gives a key one successor, with the same scopes, bounds and length of life, and lets it work on for
   * `overlapMs`, at most as long as the options say. Throws `api_key_not_found`, `api_key_not_rotatable`,
   * `api_key_level_too_low`,
   * and `scope_outranks_owner` where a giver does not hold what the key may do.
   */
  async rotate(
    id: string,
    options: KeyReach & { readonly overlapMs?: number | undefined } = {},
    by: KeyBy = {},
  ): Promise<ShownKey> {
    const { access, database, revocations, rules } = this.#parts
    const before = await this.#row(database.reader, id, options)
    const { key, row } = this.#draft(ownerOf(before), by)
    const overlapMs = Math.min(
      options.overlapMs ?? rules.rotationOverlapMs,
      rules.rotationOverlapMs,
    )
    await database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'key', id: before.owner_id })
      await revocations.announce(trx, { kind: 'key', id })
      const bounds = this.#bounds()
      const { now } = bounds
      const old = await this.#row(trx, id, options)
      const facts = await this.#parts.owners.find(trx, ownerOf(old), now)
      if (facts.ok) demandLevel(row, facts)
      await demandRotatable(trx, old, { now, maxPerOwner: rules.maxPerOwner })
      const scopes = json.decode<readonly string[]>(old.scopes)
      await refuseBeyondGiver(access, trx, { giver: by.giver, scopes })
      const next = inheritedOf(old, bounds)
      const lent = { giver: by.giver, scopes, expiresAt: next.expires_at }
      const expires_at = await lentUntil(access, trx, lent)
      const endsAt = Math.min(now + overlapMs, old.expires_at ?? Number.MAX_SAFE_INTEGER)
      if (!(await succeedKey(trx, id, { successorId: row.id, endsAt, now }))) {
        throw apiKeyErrors.api_key_not_rotatable()
      }
      await this.#insert(trx, { ...row, ...next, expires_at }, by)
      await this.#parts.recorder.record(trx, {
        name: 'api_key.rotated',
        ...eventOf(old, by),
        payload: { ...payloadOf(old), successorId: row.id, endsAt },
      })
    })
    return { key, apiKey: await this.get(row.id) }
  }

  /** Ends a key at once; once more changes nothing. Throws `api_key_not_found`. */
  async revoke(id: string, reach: KeyReach = {}, by: By = {}): Promise<void> {
    await this.#parts.database.transaction(async (trx) => {
      await this.#parts.revocations.announce(trx, { kind: 'key', id })
      await this.#end(trx, await this.#row(trx, id, reach), by)
    })
  }

  /**
   * Ends every key of an owner; how many there were.
   * @internal takes a transaction of ours
   */
  async revokeAll(trx: Trx, ownerId: string, by: By): Promise<number> {
    const now = this.#parts.clock.now()
    await this.#parts.revocations.announce(trx, { kind: 'key', id: ownerId })
    let ended = 0
    for (const row of await findWorkingKeysOf(trx, ownerId, now)) {
      if (await this.#end(trx, row, by)) ended++
    }
    return ended
  }

  /**
   * Makes a key that is worth nothing, to be laid where only a thief looks. Its first use raises
   * `api_key.decoy_used`.
   */
  async createDecoy(name: string, by: By = {}): Promise<ShownKey> {
    const bounds = this.#bounds()
    checkRequest({ name }, bounds)
    const { key, row } = this.#draft({ kind: 'service_account', id: nobody }, by)
    const filled = { ...row, ...fieldsOf({ name }), scopes: json.encode([]), decoy: 1 }
    await this.#parts.database.transaction(async (trx) => {
      await this.#add(trx, filled)
      await this.#parts.recorder.record(trx, {
        name: 'api_key.decoy_created',
        ...eventOf(filled, by),
        payload: { keyId: row.id, name },
      })
    })
    return { key, apiKey: await this.get(row.id) }
  }

  /** The job that deletes keys which ended three months ago. */
  sweep(signal?: AbortSignal): Promise<void> {
    const { clock, database } = this.#parts
    const before = clock.now() - keepEndedMs
    return inBatches(database, { size: 500, signal }, (trx, size) =>
      deleteEndedKeys(trx, before, size),
    )
  }

  #bounds(): KeyBounds {
    const { clock, rules } = this.#parts
    const { maxLifetimeMs, maxLimitPerHour } = rules
    return { now: clock.now(), maxLifetimeMs, maxLimitPerHour }
  }

  async #row(db: Db, id: string, { ownerId }: KeyReach): Promise<ApiKeyRow> {
    const row = await findKey(db, id)
    if (!row || (ownerId !== undefined && row.owner_id !== ownerId)) {
      throw apiKeyErrors.api_key_not_found()
    }
    return row
  }

  async #ownerOf(trx: Trx, owner: KeyOwner, now: number): Promise<OwnerFacts> {
    const facts = await this.#parts.owners.find(trx, owner, now)
    if (facts.ok) return facts
    if (facts.reason === 'organisation_closed' || facts.reason === 'owner_left') {
      throw organisationErrors.organisation_not_found()
    }
    throw apiKeyErrors.api_key_not_found({ explanation: `the owner of the key: ${facts.reason}` })
  }

  #draft(owner: KeyOwner, by: KeyBy) {
    const { clock, random, rules } = this.#parts
    const made = newKey(rules.environment, random)
    return { key: made.key, row: draftOf(made, owner, { now: clock.now(), by }) }
  }

  /** Of a key that is not there nobody may be shown anything. */
  async #add(trx: Trx, row: ApiKeyRow): Promise<void> {
    if (!(await insertKey(trx, row))) throw new Error('a key of this id or hash is there already')
  }

  async #insert(trx: Trx, row: ApiKeyRow, by: By): Promise<void> {
    await this.#add(trx, row)
    const { expires_at: expiresAt } = row
    await this.#parts.recorder.record(trx, {
      name: 'api_key.created',
      ...eventOf(row, by),
      payload: {
        ...payloadOf(row),
        scopes: json.decode<readonly string[]>(row.scopes),
        ...(expiresAt === null ? {} : { expiresAt }),
      },
    })
  }

  async #end(trx: Trx, row: ApiKeyRow, by: By): Promise<boolean> {
    const { clock, recorder } = this.#parts
    const end = { now: clock.now(), reason: by.reason ?? null }
    if (!(await revokeKey(trx, row.id, end))) return false
    await recorder.record(trx, {
      name: 'api_key.revoked',
      ...eventOf(row, by),
      payload: payloadOf(row),
    })
    return true
  }
}
