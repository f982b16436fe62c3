import { hashToken } from '../crypto/index.ts'
import type { Database } from '../database/index.ts'
import type { SecurityError } from '../errors/index.ts'
import type { Origin, Recorder } from '../events/index.ts'
import type { Auth } from '../http/index.ts'
import type { LimitPolicy } from '../limits/index.ts'
import type { Clock, Logger } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { challenges, sessionErrors } from '../sessions/index.ts'
import { apiKeyErrors } from './errors.ts'
import { inspectKey, looksLikeKey, readKey } from './format.ts'
import { tripDecoy } from './store.ts'
import type { ApiKeyRow } from './table.ts'
import type { KeyUsage } from './usage.ts'
import type { DeadKey, KeyFault, KeyQuestion, KeyVerdict, KeyVerdicts } from './verdict.ts'

/** Longer texts are no keys, whoever made them. */
const longestKey = 512

export interface KeyAuthenticatorParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly revocations: Revocations
  readonly verdicts: KeyVerdicts
  readonly usage: KeyUsage
  readonly clock: Clock
  readonly logger: Logger
}

/** A key as somebody shows it. */
export interface PresentedKey {
  readonly key: string
  readonly origin: Origin
}

type Outcome = Auth | SecurityError

/**
 * Turns a key into its caller. Answers at once when the key is remembered, which is the usual request.
 * Whatever is wrong with a key is the same 401; the log says what.
 */
export class KeyAuthenticator {
  readonly #parts: KeyAuthenticatorParts

  constructor(parts: KeyAuthenticatorParts) {
    this.#parts = parts
  }

  /** Whether a bearer token means to be one of our keys. */
  claims(token: string): boolean {
    return looksLikeKey(token)
  }

  /** The answer for a key that this node remembers, or that cannot be one. */
  recall(presented: PresentedKey): Outcome | undefined {
    const { clock, verdicts } = this.#parts
    const { key } = presented
    if (key.length > longestKey || key === '')
      return this.#refuse({ fault: 'malformed' }, presented)
    const known = verdicts.recall(hashToken(key), clock.now())
    return known && this.#admit(known, presented)
  }

  /** Reads a key that is not remembered: the caller limits that. */
  async authenticate(presented: PresentedKey): Promise<Outcome> {
    const known = this.recall(presented)
    if (known) return known
    const question = questionOf(presented.key)
    if (!question) return this.#refuse({ fault: 'malformed' }, presented)
    const verdict = await this.#parts.verdicts.load(question, hashToken(presented.key))
    if (!verdict.ok && verdict.fault === 'decoy' && verdict.row) {
      await this.#alarm(verdict.row, presented)
    }
    return this.#admit(verdict, presented)
  }

  /** The caller of a key as it stands now, for connections that outlive their request. */
  async again(keyId: string): Promise<Auth | undefined> {
    const verdict = await this.#parts.verdicts.load({ id: keyId })
    return verdict.ok && this.#parts.revocations.fresh ? verdict.auth : undefined
  }

  /** When a caller must be judged again, in epoch milliseconds; 0 for one that this node did not admit. */
  expiresAt(auth: Auth): number {
    return this.#parts.verdicts.expiresAt(auth)
  }

  /** The limit of a caller; undefined where no key called. */
  quotaOf(auth: Auth): LimitPolicy | undefined {
    return this.#parts.verdicts.quotaOf(auth)
  }

  #admit(verdict: KeyVerdict, presented: PresentedKey): Outcome {
    const { clock, revocations, usage } = this.#parts
    if (!revocations.fresh) return sessionErrors.revocation_unconfirmed({ retryAfter: 1 })
    if (!verdict.ok) return this.#refuse(verdict, presented)
    const ip = presented.origin.ip ?? ''
    const { auth, ranges } = verdict
    if (!ranges.every((range) => range.ok && range.has(ip))) {
      return this.#refuse({ fault: 'address' }, presented, auth.keyId)
    }
    usage.touch({ id: auth.keyId ?? '', at: clock.now(), ip: presented.origin.ip ?? null })
    return auth
  }

  #refuse(
    { fault, row }: { readonly fault: KeyFault; readonly row?: DeadKey['row'] },
    { origin }: PresentedKey,
    keyId = row?.id,
  ): SecurityError {
    const { logger } = this.#parts
    const { ip, requestId } = origin
    logger.info('an API key was refused', { reason: fault, keyId, ip, requestId })
    return apiKeyErrors.api_key_invalid({ headers: challenges.invalid })
  }

  /** Told once, before the thief hears that the key is worth nothing. */
  async #alarm(row: ApiKeyRow, { origin }: PresentedKey): Promise<void> {
    const { clock, database, recorder } = this.#parts
    const use = { id: row.id, at: clock.now(), ip: origin.ip ?? null }
    await database.transaction(async (trx) => {
      if (!(await tripDecoy(trx, use))) return
      await recorder.record(trx, {
        name: 'api_key.decoy_used',
        actor: { kind: 'anonymous' },
        resource: { kind: 'api_key', id: row.id },
        outcome: 'refused',
        origin,
        payload: { keyId: row.id, name: row.name },
      })
    })
  }
}

/**
 * Undefined for one of this form whose checksum is wrong: a slip, and no reason to read anything. Every
 * other may have been made elsewhere, by another Holdfast as well.
 */
function questionOf(key: string): KeyQuestion | undefined {
  const { kind } = inspectKey(key)
  if (kind === 'no_key') return { importedHash: hashToken(key) }
  const parts = readKey(key)
  return parts && { id: parts.id, hash: parts.hash, importedHash: hashToken(key) }
}
