import { hashToken } from '../crypto/index.ts'
import { type Database, inBatches } from '../database/index.ts'
import type { Clock } from '../ports/index.ts'
import { deleteSignatureNonces, insertSignatureNonce } from './store.ts'

/** How far the clocks of two nodes may disagree before a swept nonce could be used again. */
const skewMs = 10 * 60_000

/** Remembers, across nodes and restarts, which nonces were used until their signatures are too old. */
export class SignatureNonces {
  readonly #database: Database
  readonly #clock: Clock

  constructor({ clock, database }: { readonly clock: Clock; readonly database: Database }) {
    this.#clock = clock
    this.#database = database
  }

  /** Uses up a nonce of a key: true for the first caller, false for every other, on whatever node. */
  spend(used: {
    readonly keyId: string
    readonly nonce: string
    readonly expiresAt: number
  }): Promise<boolean> {
    const id = hashToken(`${used.keyId}\n${used.nonce}`)
    return this.#database.transaction((trx) =>
      insertSignatureNonce(trx, { id, expires_at: used.expiresAt }),
    )
  }

  /** Forgets what has expired. */
  async sweep(signal?: AbortSignal): Promise<void> {
    const before = this.#clock.now() - skewMs
    await inBatches(this.#database, { size: 500, signal }, (trx, size) =>
      deleteSignatureNonces(trx, before, size),
    )
  }
}
