import { open, type SealBinding, seal } from '../crypto/index.ts'
import type { Db, Trx } from '../database/index.ts'
import { noteTotp } from '../users/index.ts'
import { encodeBase32 } from './base32.ts'
import { manualEntry, otpauthUrl } from './otpauth.ts'
import type { FactorParts, TotpHolder, TotpSetup } from './parts.ts'
import { qrDataUrl, qrSvg } from './qr.ts'
import {
  confirmTotp,
  countPendingTry,
  deleteTotp,
  deleteTotpSince,
  dropPendingTotp,
  findTotp,
  putLiveTotp,
  putPendingTotp,
  spendStep,
} from './store.ts'
import type { TotpRow } from './table.ts'
import { findStep, readCode, secretBytes } from './totp.ts'

/** How long a secret waits for its first code. */
const pendingMs = 60 * 60 * 1000
/** How many first codes a session may try at it. */
const pendingTries = 10
/** No step was spent yet. */
const noStep = -1

/** A code that somebody typed, beside what it is compared with. */
interface Compared {
  readonly userId: string
  readonly code: string
  readonly sealed: string
  readonly lastStep: number
}

/** The secrets of authenticator apps: made, confirmed, used and removed. */
export class TotpSecrets {
  readonly #parts: FactorParts

  constructor(parts: FactorParts) {
    this.#parts = parts
  }

  /** Since when an app is enrolled, in epoch milliseconds; null for none. */
  async since(db: Db, userId: string): Promise<number | null> {
    const row = await findTotp(db, userId)
    return row && row.secret !== null ? row.confirmed_at : null
  }

  async isPending(db: Db, userId: string): Promise<boolean> {
    return this.#pendingOf(await findTotp(db, userId)) !== undefined
  }

  async begin(trx: Trx, { account, holder, userId }: TotpHolder): Promise<TotpSetup> {
    const { clock, random } = this.#parts
    const secret = random.bytes(secretBytes)
    const sealed = this.#seal(userId, secret)
    await putPendingTotp(trx, userId, { secret: sealed, at: clock.now(), holder })
    return this.#setupOf(secret, account)
  }

  /** The secret that waits, for whoever set it up; undefined for anybody else, and once its tries are spent. */
  async shown(db: Db, { account, holder, userId }: TotpHolder): Promise<TotpSetup | undefined> {
    const row = await findTotp(db, userId)
    const sealed = this.#pendingOf(row)
    if (sealed === undefined || holder === undefined || row?.pending_for !== holder)
      return undefined
    if ((row.pending_tries ?? 0) >= pendingTries) return undefined
    return this.#setupOf(open(this.#parts.keyring, sealed, bindingOf(userId)), account)
  }

  countTry(trx: Trx, userId: string): Promise<boolean> {
    const since = this.#parts.clock.now() - pendingMs
    return countPendingTry(trx, userId, { most: pendingTries, since })
  }

  #setupOf(secret: Uint8Array, account: string): TotpSetup {
    const url = otpauthUrl({ secret, issuer: this.#parts.issuer, account })
    const svg = qrSvg(url)
    return {
      secret: encodeBase32(secret),
      manualEntry: manualEntry(secret),
      otpauthUrl: url,
      qrCode: qrDataUrl(svg),
      qrSvg: svg,
    }
  }

  async confirm(trx: Trx, userId: string, code: string): Promise<boolean> {
    const secret = this.#pendingOf(await findTotp(trx, userId))
    if (secret === undefined) return false
    const lastStep = this.#stepOf({ userId, sealed: secret, code, lastStep: noStep })
    if (lastStep === undefined) return false
    const at = this.#parts.clock.now()
    if (!(await confirmTotp(trx, userId, { secret, lastStep, at }))) return false
    await this.#note(trx, userId, at)
    return true
  }

  async adopt(trx: Trx, userId: string, secret: Uint8Array): Promise<void> {
    const at = this.#parts.clock.now()
    const sealed = this.#seal(userId, secret)
    await putLiveTotp(trx, userId, { secret: sealed, lastStep: noStep, at })
    await this.#note(trx, userId, at)
  }

  async remove(trx: Trx, userId: string): Promise<boolean> {
    const removed = await deleteTotp(trx, userId)
    await this.#note(trx, userId, null)
    return removed
  }

  async removeSince(trx: Trx, userId: string, since: number): Promise<boolean> {
    await dropPendingTotp(trx, userId)
    const removed = await deleteTotpSince(trx, userId, since)
    if (removed) await this.#note(trx, userId, null)
    return removed
  }

  /** Spends the step whose code this is; false when there is none left. */
  async spend(trx: Trx, userId: string, code: string): Promise<boolean> {
    const row = await findTotp(trx, userId)
    const secret = row?.secret
    if (!row || !secret) return false
    const step = this.#stepOf({ userId, sealed: secret, code, lastStep: row.last_step })
    return step !== undefined && spendStep(trx, userId, { secret, step })
  }

  #stepOf({ code, lastStep, sealed, userId }: Compared): number | undefined {
    const { clock, future, keyring } = this.#parts
    const read = readCode(code)
    if (read === undefined) return undefined
    const secret = open(keyring, sealed, bindingOf(userId))
    return findStep(secret, read, { now: clock.now(), lastStep, future })
  }

  /** The sealed secret that waits, unless it has waited too long. */
  #pendingOf(row: TotpRow | undefined): string | undefined {
    const at = row?.pending_at ?? Number.NEGATIVE_INFINITY
    const waits = this.#parts.clock.now() - at < pendingMs
    return waits ? (row?.pending_secret ?? undefined) : undefined
  }

  /** Another secret, or none: what was guessed at the one before counts no longer. */
  async #note(trx: Trx, userId: string, since: number | null): Promise<void> {
    await noteTotp(trx, userId, since)
    await this.#parts.throttle.openFactor(trx, userId, 'totp')
  }

  #seal(userId: string, secret: Uint8Array): string {
    const { keyring, random } = this.#parts
    return seal(keyring, random, secret, bindingOf(userId))
  }
}

/** A secret moves from waiting to live as it is, so both places have one binding. */
function bindingOf(userId: string): SealBinding {
  return { purpose: 'totp-secret', context: ['hf_totp', userId] }
}
