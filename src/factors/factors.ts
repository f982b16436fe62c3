import type { FactorMethod } from '../assurance/index.ts'
import { type Keyring, open, type SealBinding, seal } from '../crypto/index.ts'
import type { Database, Db, Trx } from '../database/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import type { GrantedGuess, Throttle } from '../throttle/index.ts'
import { hasSecondFactor, noteTotp, type UserRow } from '../users/index.ts'
import { encodeBase32 } from './base32.ts'
import { manualEntry, otpauthUrl } from './otpauth.ts'
import { qrDataUrl, qrSvg } from './qr.ts'
import { hashRecoveryCode, newRecoveryCodes, readRecoveryCode } from './recovery-codes.ts'
import {
  confirmTotp,
  consumeRecoveryCode,
  countRecoveryCodes,
  deleteRecoveryCodes,
  deleteTotp,
  findTotp,
  insertRecoveryCodes,
  putLiveTotp,
  putPendingTotp,
  spendStep,
} from './store.ts'
import type { TotpRow } from './table.ts'
import { findStep, readCode, secretBytes } from './totp.ts'

export interface FactorParts {
  readonly database: Database
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
  readonly throttle: Throttle
  /** What authenticator apps call the product. */
  readonly issuer: string
  /** Steps of 30 seconds ahead of our clock that are taken as well. */
  readonly future: 0 | 1
}

/** How a factor of this room is proven. */
export type CodeMethod = 'totp' | 'recovery_code'

/** One code as somebody typed it, of any length. */
export interface CodeGuess {
  readonly userId: string
  readonly method: CodeMethod
  readonly code: string
}

/** What an authenticator app needs to know. Holds the secret: shown once to its owner, never logged. */
export interface TotpSetup {
  /** Base32 (RFC 4648). */
  readonly secret: string
  /** The secret in groups of four. */
  readonly manualEntry: string
  readonly otpauthUrl: string
  /** `qrSvg` as a `data:` address. */
  readonly qrCode: string
  readonly qrSvg: string
}

/** What of this room an account has. */
export interface FactorStatus {
  /** Epoch milliseconds; null when no authenticator app is enrolled. */
  readonly totp: { readonly since: number } | null
  readonly recoveryCodesLeft: number
}

/** How long a secret waits for its first code. */
const pendingMs = 60 * 60 * 1000
/** No step was spent yet. */
const noStep = -1

/**
 * Authenticator apps and recovery codes. A secret is sealed with its account as context, a code is a
 * keyed hash, and either is spent by one conditional UPDATE inside the caller's transaction. It knows
 * no session and records nothing: its callers do, in the same transaction.
 */
export class Factors {
  readonly #parts: FactorParts

  constructor(parts: FactorParts) {
    this.#parts = parts
  }

  /** What is enrolled. */
  async status(db: Db, userId: string): Promise<FactorStatus> {
    const row = await findTotp(db, userId)
    const since = row?.secret === null ? null : (row?.confirmed_at ?? null)
    const recoveryCodesLeft = await countRecoveryCodes(db, userId)
    return { totp: since === null ? null : { since }, recoveryCodesLeft }
  }

  /** Whether a secret waits for its first code. */
  async isPending(db: Db, userId: string): Promise<boolean> {
    return this.#pendingOf(await findTotp(db, userId)) !== undefined
  }

  /** Methods to offer: none without a second factor, for recovery codes only stand in for one. */
  async methods(db: Db, user: UserRow): Promise<readonly FactorMethod[]> {
    if (!hasSecondFactor(user)) return []
    const left = await countRecoveryCodes(db, user.id)
    return [
      ...(user.totp_since === null ? [] : (['totp'] as const)),
      ...(user.passkeys > 0 ? (['passkey'] as const) : []),
      ...(left > 0 ? (['recovery_code'] as const) : []),
    ]
  }

  /** Counts a try before anything is checked; undefined when the account's lane refuses. */
  async reserve(userId: string, method: FactorMethod): Promise<GrantedGuess | undefined> {
    const { throttle } = this.#parts
    const given = await throttle.reserve(await throttle.findFactor(userId, method))
    return given.allowed ? given : undefined
  }

  /**
   * Spends a code; the factor it proves, or undefined for a wrong, malformed or spent one. Throws
   * `sealed_unreadable` when the stored secret is not the account's own.
   */
  spend(trx: Trx, guess: CodeGuess): Promise<'otp' | 'recovery' | undefined> {
    return guess.method === 'totp' ? this.#spendTotp(trx, guess) : this.#spendCode(trx, guess)
  }

  /** Notes that a reserved try was right: its lane begins anew. */
  succeed(trx: Trx, guess: GrantedGuess): Promise<void> {
    return this.#parts.throttle.succeed(trx, guess)
  }

  /** Notes that it was wrong; true when the owner is to be told, once a day. */
  fail(trx: Trx, guess: GrantedGuess): Promise<boolean> {
    return this.#parts.throttle.fail(trx, guess)
  }

  /** Gives back a try that was not evaluated after all. */
  release(trx: Trx, guess: GrantedGuess): Promise<void> {
    return this.#parts.throttle.release(trx, guess)
  }

  /** Makes a secret that waits for its first code, for an hour. A live one stays what it is. */
  async begin(
    trx: Trx,
    { account, userId }: { readonly userId: string; readonly account: string },
  ): Promise<TotpSetup> {
    const { clock, issuer, random } = this.#parts
    const secret = random.bytes(secretBytes)
    await putPendingTotp(trx, userId, { secret: this.#seal(userId, secret), at: clock.now() })
    const url = otpauthUrl({ secret, issuer, account })
    const svg = qrSvg(url)
    return {
      secret: encodeBase32(secret),
      manualEntry: manualEntry(secret),
      otpauthUrl: url,
      qrCode: qrDataUrl(svg),
      qrSvg: svg,
    }
  }

  /** Makes the waiting secret the live one by its first code, which is spent; false for a wrong one. */
  async confirm(
    trx: Trx,
    { code, userId }: { readonly userId: string; readonly code: string },
  ): Promise<boolean> {
    const secret = this.#pendingOf(await findTotp(trx, userId))
    if (secret === undefined) return false
    const lastStep = this.#stepOf({ userId, sealed: secret, code, lastStep: noStep })
    if (lastStep === undefined) return false
    const at = this.#parts.clock.now()
    if (!(await confirmTotp(trx, userId, { secret, lastStep, at }))) return false
    await this.#noteTotp(trx, userId, at)
    return true
  }

  /** Takes the authenticator app away; false when none was enrolled. */
  async remove(trx: Trx, userId: string): Promise<boolean> {
    const removed = await deleteTotp(trx, userId)
    await this.#noteTotp(trx, userId, null)
    return removed
  }

  /** A new set of codes in place of every other. They are given here and never again. */
  async newCodes(trx: Trx, userId: string): Promise<readonly string[]> {
    const { clock, random, throttle } = this.#parts
    const codes = newRecoveryCodes(random)
    const key = this.#codeKey()
    await deleteRecoveryCodes(trx, userId)
    const row = { user_id: userId, created_at: clock.now(), used_at: null }
    const rows = codes.map((code) => {
      return { ...row, code_hash: hashRecoveryCode(key, userId, code.replace('-', '')) }
    })
    await insertRecoveryCodes(trx, rows)
    await throttle.openFactor(trx, userId, 'recovery_code')
    return codes
  }

  /** A new set for whoever has none left. */
  async codesIfNone(trx: Trx, userId: string): Promise<readonly string[] | undefined> {
    return (await countRecoveryCodes(trx, userId)) > 0 ? undefined : this.newCodes(trx, userId)
  }

  async removeCodes(trx: Trx, userId: string): Promise<void> {
    await deleteRecoveryCodes(trx, userId)
    await this.#parts.throttle.openFactor(trx, userId, 'recovery_code')
  }

  /** Forgets what was guessed at every factor, passkeys included: for a reset, after which none is left. */
  openLanes(trx: Trx, userId: string): Promise<void> {
    return this.#parts.throttle.openFactor(trx, userId)
  }

  /** Takes over a secret that its owner's app has already: live at once. */
  async adopt(
    trx: Trx,
    { secret, userId }: { readonly userId: string; readonly secret: Uint8Array },
  ): Promise<void> {
    const at = this.#parts.clock.now()
    const sealed = this.#seal(userId, secret)
    await putLiveTotp(trx, userId, { secret: sealed, lastStep: noStep, at })
    await this.#noteTotp(trx, userId, at)
  }

  async #spendTotp(trx: Trx, { code, userId }: CodeGuess): Promise<'otp' | undefined> {
    const row = await findTotp(trx, userId)
    const secret = row?.secret
    if (!row || !secret) return undefined
    const step = this.#stepOf({ userId, sealed: secret, code, lastStep: row.last_step })
    const spent = step !== undefined && (await spendStep(trx, userId, { secret, step }))
    return spent ? 'otp' : undefined
  }

  async #spendCode(trx: Trx, { code, userId }: CodeGuess): Promise<'recovery' | undefined> {
    const read = readRecoveryCode(code)
    if (read === undefined) return undefined
    const hash = hashRecoveryCode(this.#codeKey(), userId, read)
    const now = this.#parts.clock.now()
    return (await consumeRecoveryCode(trx, userId, { hash, now })) ? 'recovery' : undefined
  }

  #stepOf(given: {
    readonly userId: string
    readonly sealed: string
    readonly code: string
    readonly lastStep: number
  }): number | undefined {
    const { clock, future, keyring } = this.#parts
    const code = readCode(given.code)
    if (code === undefined) return undefined
    const secret = open(keyring, given.sealed, bindingOf(given.userId))
    return findStep(secret, code, { now: clock.now(), lastStep: given.lastStep, future })
  }

  /** The sealed secret that waits, unless it has waited too long. */
  #pendingOf(row: TotpRow | undefined): string | undefined {
    const at = row?.pending_at ?? Number.NEGATIVE_INFINITY
    const waits = this.#parts.clock.now() - at < pendingMs
    return waits ? (row?.pending_secret ?? undefined) : undefined
  }

  /** Another secret, or none: what was guessed at the one before counts no longer. */
  async #noteTotp(trx: Trx, userId: string, since: number | null): Promise<void> {
    await noteTotp(trx, userId, since)
    await this.#parts.throttle.openFactor(trx, userId, 'totp')
  }

  #seal(userId: string, secret: Uint8Array): string {
    const { keyring, random } = this.#parts
    return seal(keyring, random, secret, bindingOf(userId))
  }

  #codeKey(): Uint8Array {
    return this.#parts.keyring.derive('recovery-codes')
  }
}

function bindingOf(userId: string): SealBinding {
  return { purpose: 'totp-secret', context: ['hf_totp', userId] }
}
