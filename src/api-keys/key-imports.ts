import type { By, Permissions } from '../access/index.ts'
import { type Db, json, type Trx } from '../database/index.ts'
import type { Recorder } from '../events/index.ts'
import { isPattern } from '../permissions/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import type { ApiKeyRules } from './api-keys.ts'
import { draftOf, eventOf, fieldsOf, payloadOf } from './drafts.ts'
import { newKey } from './format.ts'
import { findImportedHashes, insertKey } from './store.ts'

/** A key that another system made, of any form. Nobody here ever sees the key itself. */
export interface ForeignKey {
  readonly name: string
  /** SHA-256 of the whole key as its program sends it, in hexadecimal digits. */
  readonly sha256: string
  readonly scopes: readonly string[]
  /** Epoch milliseconds; absent: the longest life that the options allow. One that has passed stays so. */
  readonly expiresAt?: number | undefined
}

/** Why keys of an account are not taken over. */
export interface ForeignKeyFault {
  readonly code: 'field_invalid' | 'scope_outranks_owner'
  /** Below the list, such as `0/scopes/1`; empty: the list itself. */
  readonly path: string
  readonly detail?: string
}

export interface KeyImportsParts {
  readonly recorder: Recorder
  readonly clock: Clock
  readonly random: Random
  readonly rules: Pick<ApiKeyRules, 'environment' | 'maxLifetimeMs' | 'maxPerOwner'>
}

/**
 * Takes over keys of another system by their hashes: their programs go on with the keys they have. They
 * are bound like keys made here, by scopes, owner and end, and cannot be rotated: what follows one is a key
 * of ours.
 */
export class KeyImports {
  readonly #parts: KeyImportsParts

  constructor(parts: KeyImportsParts) {
    this.#parts = parts
  }

  /** The first thing wrong with keys of an owner who holds this; undefined when they can be taken over. */
  findFault(
    keys: readonly ForeignKey[],
    permissions: Pick<Permissions, 'lends'>,
  ): ForeignKeyFault | undefined {
    const { maxPerOwner } = this.#parts.rules
    if (keys.length > maxPerOwner) {
      return invalid('', `An account has ${maxPerOwner} keys at most.`)
    }
    if (new Set(keys.map(importedHash)).size < keys.length) {
      return invalid('', 'The same key is listed twice.')
    }
    for (const [at, key] of keys.entries()) {
      const fault = this.#faultOf(key, permissions)
      if (fault) return { ...fault, path: `${at}/${fault.path}` }
    }
    return undefined
  }

  /** Whether one of these keys is there already, whoever owns it. */
  async areKnown(db: Db, keys: readonly ForeignKey[]): Promise<boolean> {
    return (await findImportedHashes(db, keys.map(importedHash))).length > 0
  }

  /**
   * Adds the keys of an account in the transaction that makes it, each with its record. Their level is that
   * of code's own calls: whoever imports answers for them. Throws when another transaction has added one of
   * them since {@link areKnown} was asked.
   */
  async adopt(trx: Trx, userId: string, given: AdoptedKeys): Promise<void> {
    for (const key of given.keys) await this.#adoptOne(trx, userId, { key, by: given.by })
  }

  #faultOf(
    { expiresAt, scopes }: ForeignKey,
    permissions: Pick<Permissions, 'lends'>,
  ): ForeignKeyFault | undefined {
    const { clock, rules } = this.#parts
    const odd = scopes.findIndex((scope) => !isPattern(scope))
    if (odd !== -1) {
      return invalid(`scopes/${odd}`, "A scope is 'action:resource', as roles hold it.")
    }
    const beyond = scopes.findIndex((scope) => !permissions.lends(scope))
    if (beyond !== -1) return { code: 'scope_outranks_owner', path: `scopes/${beyond}` }
    const latest = clock.now() + (rules.maxLifetimeMs ?? Number.POSITIVE_INFINITY)
    if (expiresAt === undefined || expiresAt <= latest) return undefined
    return invalid('expiresAt', 'The options of this service let no key live that long.')
  }

  async #adoptOne(trx: Trx, userId: string, { by, key }: { key: ForeignKey; by: By }) {
    const { clock, random, recorder, rules } = this.#parts
    const now = clock.now()
    const longest = rules.maxLifetimeMs === undefined ? null : now + rules.maxLifetimeMs
    const row = {
      ...draftOf(newKey(rules.environment, random), { kind: 'user', id: userId }, { by, now }),
      ...fieldsOf(key),
      ...{ hash: importedHash(key), imported: 1 },
      scopes: json.encode([...new Set(key.scopes)].sort()),
      expires_at: key.expiresAt ?? longest,
    }
    if (!(await insertKey(trx, row))) throw new Error('an imported key was added meanwhile')
    await recorder.record(trx, {
      name: 'api_key.imported',
      ...eventOf(row, by),
      payload: {
        ...payloadOf(row),
        scopes: json.decode<readonly string[]>(row.scopes),
        ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
      },
    })
  }
}

/** Keys to take over, and on whose account it happens. */
export interface AdoptedKeys {
  readonly keys: readonly ForeignKey[]
  readonly by: By
}

/** As the database keeps it, and as what a program shows is looked up. */
function importedHash({ sha256 }: ForeignKey): string {
  return Buffer.from(sha256, 'hex').toString('base64url')
}

function invalid(path: string, detail: string): ForeignKeyFault {
  return { code: 'field_invalid', path, detail }
}
