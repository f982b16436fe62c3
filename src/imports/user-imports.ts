import type { Access } from '../access/index.ts'
import type { KeyImports } from '../api-keys/index.ts'
import { hmacSha256, type PasswordHasher } from '../crypto/index.ts'
import type { Database, Trx } from '../database/index.ts'
import type { Actor, Recorder } from '../events/index.ts'
import type { Factors } from '../factors/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import { type AccountRules, type ImportedAccount, readAccount } from './account.ts'
import { linesOf, type RawLine } from './lines.ts'
import { type ImportRefusal, refusal } from './refusal.ts'
import { findImportedLines, insertImportedLine } from './store.ts'
import { AccountWriter, type ImportedBy } from './writing.ts'

/** Accounts of one transaction: enough to be quick, few enough that a sign-in hardly waits. */
const batchSize = 100

export interface UserImportsParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly hasher: PasswordHasher
  readonly access: Access
  readonly factors: Factors
  readonly keys: KeyImports
  readonly clock: Clock
  readonly random: Random
  readonly defaultRole: string
  /** Hides what a remembered line said. */
  readonly lineKey: Uint8Array
}

/** How accounts are imported, and who hears of it. */
export interface ImportOptions {
  /** Checks everything and writes nothing. */
  readonly dryRun?: boolean
  /** Keeps the `id` of a line in the metadata, under this name. Without it the id is left out. */
  readonly keepIdAs?: string
  /**
   * Who does it, for the record: `operator` or `code`, the default. No user imports: lines give any role,
   * and nobody gives more than they hold.
   */
  readonly actor?: Actor
  readonly reason?: string
  readonly onRefused?: (refusal: ImportRefusal) => void
  readonly onProgress?: (progress: ImportProgress) => void
}

/** How many lines came to what so far. */
export interface ImportSummary {
  /** Accounts made now; in a dry run, accounts that would be made. */
  readonly imported: number
  /** Lines that an earlier run has imported, or that stand in the file twice. */
  readonly known: number
  readonly refused: number
}

/** How far an import is, told after each batch. */
export interface ImportProgress extends ImportSummary {
  /** Bytes of the source that are done with. */
  readonly bytes: number
}

interface CheckedLine {
  readonly number: number
  readonly hash: string
  readonly account: ImportedAccount
}

interface Outcome {
  readonly imported: number
  readonly known: number
  readonly refusals: readonly ImportRefusal[]
}

/** Names that a dry run has seen, since it leaves none in the database. */
interface Run {
  readonly rules: AccountRules
  readonly by: ImportedBy
  readonly dry: { readonly lines: Set<string>; readonly names: Set<string> } | undefined
}

/**
 * Brings accounts from another system: one JSON object a line, each account with its record in one
 * transaction. Nothing is hashed, so a hundred thousand take minutes at most. What was imported is
 * remembered by a keyed hash of its line: after a crash the same source is given again, and nothing
 * is imported twice, also when the account was erased or got another address meanwhile.
 */
export class UserImports {
  readonly #parts: UserImportsParts
  readonly #writer: AccountWriter

  constructor(parts: UserImportsParts) {
    this.#parts = parts
    this.#writer = new AccountWriter(parts)
  }

  /**
   * Imports every line it can and tells of every other by `onRefused`. Rejects when the source or the
   * database fails; what was imported until then stays. Rejects with a TypeError, and imports nothing,
   * for an actor who is neither an operator nor code.
   */
  async run(
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: ImportOptions = {},
  ): Promise<ImportSummary> {
    const run = this.#begin(options)
    await this.#parts.access.refreshRoles(this.#parts.database.reader)
    let sum: ImportSummary = { imported: 0, known: 0, refused: 0 }
    for await (const batch of batchesOf(linesOf(source))) {
      const outcome = await this.#import(batch, run)
      for (const refused of outcome.refusals) options.onRefused?.(refused)
      sum = {
        imported: sum.imported + outcome.imported,
        known: sum.known + outcome.known,
        refused: sum.refused + outcome.refusals.length,
      }
      options.onProgress?.({ ...sum, bytes: batch.at(-1)?.end ?? 0 })
    }
    return sum
  }

  #begin({ actor, dryRun, keepIdAs, reason }: ImportOptions): Run {
    const { access, clock, defaultRole, hasher, keys } = this.#parts
    if (actor && actor.kind !== 'operator' && actor.kind !== 'code') {
      throw new TypeError('Accounts are imported by an operator or by code, not by a user.')
    }
    return {
      rules: { roles: access.roles, hasher, keys, defaultRole, keepIdAs, now: clock.now() },
      by: { actor: actor ?? { kind: 'code' }, ...(reason === undefined ? {} : { reason }) },
      dry: dryRun ? { lines: new Set(), names: new Set() } : undefined,
    }
  }

  async #import(batch: readonly RawLine[], run: Run): Promise<Outcome> {
    const { lines, refusals } = this.#check(batch, run.rules)
    const outcome = run.dry
      ? await this.#rehearse(lines, run.dry)
      : await this.#parts.database.transaction((trx) => this.#write(trx, lines, run.by))
    const all = [...refusals, ...outcome.refusals]
    return { ...outcome, refusals: all.sort((one, other) => one.line - other.line) }
  }

  #check(batch: readonly RawLine[], rules: AccountRules) {
    const lines: CheckedLine[] = []
    const refusals: ImportRefusal[] = []
    for (const { bytes, number } of batch) {
      const read = bytes
        ? readAccount(bytes, number, rules)
        : { refusal: refusal(number, 'line_too_long') }
      if ('refusal' in read) refusals.push(read.refusal)
      else if (bytes) lines.push({ number, hash: this.#hashOf(bytes), account: read.account })
    }
    return { lines, refusals }
  }

  /** A second run at the same time is recognised too: its lines appear once its names are taken. */
  async #write(trx: Trx, lines: readonly CheckedLine[], by: ImportedBy): Promise<Outcome> {
    const before = await findImportedLines(trx, hashesOf(lines))
    const refusals: ImportRefusal[] = []
    let known = 0
    for (const { account, hash, number } of lines) {
      const conflict = before.has(hash) ? 'known' : await this.#writer.write(trx, account, by)
      if (conflict === undefined) await this.#remember(trx, hash)
      else if (conflict === 'known' || (await findImportedLines(trx, [hash])).size > 0) known++
      else refusals.push(refusal(number, conflict))
    }
    return { imported: lines.length - known - refusals.length, known, refusals }
  }

  async #remember(trx: Trx, hash: string): Promise<void> {
    await insertImportedLine(trx, hash, this.#parts.clock.now())
  }

  async #rehearse(
    lines: readonly CheckedLine[],
    seen: { readonly lines: Set<string>; readonly names: Set<string> },
  ): Promise<Outcome> {
    const { reader } = this.#parts.database
    const before = await findImportedLines(reader, hashesOf(lines))
    const refusals: ImportRefusal[] = []
    let known = 0
    for (const { account, hash, number } of lines) {
      const names = namesOf(account)
      const keys = account.apiKeys.map(({ sha256 }) => `key ${sha256.toLowerCase()}`)
      const isTwice = keys.some((key) => seen.names.has(key)) ? 'key_exists' : undefined
      const isTaken = names.some((name) => seen.names.has(name)) ? 'exists' : undefined
      const conflict = isTwice ?? isTaken ?? (await this.#writer.findConflict(reader, account))
      if (before.has(hash) || seen.lines.has(hash)) known++
      else if (conflict) refusals.push(refusal(number, conflict))
      else for (const name of [...names, ...keys]) seen.names.add(name)
      seen.lines.add(hash)
    }
    return { imported: lines.length - known - refusals.length, known, refusals }
  }

  #hashOf(bytes: Buffer): string {
    return hmacSha256(this.#parts.lineKey, bytes).toString('hex')
  }
}

function namesOf({ emailCanonical, usernameCanonical }: ImportedAccount): string[] {
  return [emailCanonical, usernameCanonical ?? emailCanonical]
}

function hashesOf(lines: readonly CheckedLine[]): string[] {
  return lines.map((line) => line.hash)
}

async function* batchesOf(lines: AsyncIterable<RawLine>): AsyncGenerator<readonly RawLine[]> {
  let batch: RawLine[] = []
  for await (const line of lines) {
    batch.push(line)
    if (batch.length === batchSize) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}
