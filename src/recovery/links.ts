import { hashToken, isTokenShaped, newToken } from '../crypto/index.ts'
import { type Database, inBatches, type Trx } from '../database/index.ts'
import { type Clock, type Random, uuidv7 } from '../ports/index.ts'
import { isUsableAt } from '../users/index.ts'
import {
  consumeLink,
  deleteExpiredLinks,
  endLinks,
  findLink,
  findOpenLink,
  insertLink,
} from './store.ts'
import type { LinkPurpose, LinkRow } from './table.ts'

export interface LinksParts {
  readonly database: Database
  readonly clock: Clock
  readonly random: Random
}

/** A link to be mailed. */
export interface NewLink {
  readonly purpose: LinkPurpose
  /** Undefined for an address that has no account: a row as dear as any other that opens nothing. */
  readonly userId: string | undefined
  readonly email: string
  readonly lifeMs: number
  /** For a link that dies with the next change of a credential: their version now. */
  readonly credentialsVersion?: number
}

/** A link that belongs to an account. */
export type UsableLink = LinkRow & { readonly user_id: string }

const keepExpiredMs = 24 * 60 * 60 * 1000

/** Mailed links: 256 random bits, stored as a hash, for one purpose, once, and not for long. */
export class Links {
  readonly #parts: LinksParts

  constructor(parts: LinksParts) {
    this.#parts = parts
  }

  /** Makes a link; the token it answers exists nowhere else. */
  async issue(trx: Trx, link: NewLink): Promise<string> {
    const { clock, random } = this.#parts
    const token = newToken(random)
    const now = clock.now()
    await insertLink(trx, {
      id: uuidv7(now, random),
      token_hash: hashToken(token),
      purpose: link.purpose,
      user_id: link.userId ?? null,
      email: link.userId === undefined ? '' : link.email,
      created_at: now,
      expires_at: link.userId === undefined ? now : now + link.lifeMs,
      used_at: null,
      credentials_version: link.credentialsVersion ?? null,
    })
    return token
  }

  /**
   * A link that can be used now, for one of these purposes and where it is used: see `isUsableAt`.
   * Changes nothing: scanners open links.
   */
  async find(
    token: string,
    purposes: readonly LinkPurpose[],
    realm?: string,
  ): Promise<UsableLink | undefined> {
    if (!isTokenShaped(token)) return undefined
    const { clock, database } = this.#parts
    const row = await findLink(database.reader, hashToken(token), purposes)
    if (!row || row.used_at !== null || row.expires_at <= clock.now()) return undefined
    const { realm: own, user_id, ...link } = row
    if (user_id === null || own === null || !isUsableAt(own, realm)) return undefined
    return { ...link, user_id }
  }

  /** Spends a link; false when somebody was faster. */
  consume(trx: Trx, link: UsableLink): Promise<boolean> {
    return consumeLink(trx, link.id, this.#parts.clock.now())
  }

  /** An account's usable link of this purpose that is about `email`; the oldest, if there are several. */
  async findOpen(
    trx: Trx,
    by: { readonly userId: string; readonly purpose: LinkPurpose; readonly email: string },
  ): Promise<UsableLink | undefined> {
    const { email, purpose, userId } = by
    const now = this.#parts.clock.now()
    const row = await findOpenLink(trx, userId, { purpose, email, now })
    return row && { ...row, user_id: userId }
  }

  /** Ends what is left of an account's links of these purposes, or of those made since an instant. */
  end(trx: Trx, userId: string, purposes: readonly LinkPurpose[], since?: number): Promise<void> {
    const now = this.#parts.clock.now()
    return endLinks(trx, userId, { purposes, now, ...(since === undefined ? {} : { since }) })
  }

  /** The job that forgets links whose time is over. */
  async sweep(signal?: AbortSignal): Promise<void> {
    const { clock, database } = this.#parts
    const before = clock.now() - keepExpiredMs
    await inBatches(database, { size: 500, signal }, (trx, size) =>
      deleteExpiredLinks(trx, before, size),
    )
  }
}
