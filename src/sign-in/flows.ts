import type { Factor } from '../assurance/index.ts'
import { hashToken, isTokenShaped, newToken } from '../crypto/index.ts'
import { type Database, inBatches, json, type Trx } from '../database/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import { nativeBrowser, type Transport } from '../sessions/index.ts'
import { defaultRealm, type UserRow } from '../users/index.ts'
import {
  consumeFlow,
  countAttempt,
  deleteFlows,
  endFlow,
  type FlowKey,
  findFlow,
  findFlowByHash,
  insertFlow,
} from './flow-store.ts'
import type { FlowRequest } from './requests.ts'
import type { FlowPurpose, FlowRow } from './table.ts'

const minuteMs = 60_000
const livesMs: Readonly<Record<FlowPurpose, number>> = { mfa: 5 * minuteMs, enrol: 15 * minuteMs }
/** NIST SP 800-63B-4 allows more; who types six digits wrong five times begins anew. */
const mostAttempts = 5

/** A sign-in that is to be continued. */
export interface FlowStart {
  readonly purpose: FlowPurpose
  readonly user: Pick<UserRow, 'id' | 'credentials_version'>
  readonly proven: readonly Factor[]
  readonly transport: Transport
  readonly userAgent: string | undefined
}

/** What its owner is handed: exists only here. */
export interface BegunFlow {
  readonly flow: string
  /** For the flow cookie; undefined for native clients, who are known by their user agent. */
  readonly browser: string | undefined
  /** Seconds. */
  readonly expiresIn: number
}

/** A flow in which this attempt was counted. */
export interface AttemptedFlow extends FlowRow {
  /** True when no further attempt is taken. */
  readonly usedUp: boolean
}

/**
 * Sign-ins that are not complete. A flow names nobody, belongs to the browser that began it, and works
 * once, in the realm of its account. It is no proof of its own: what was proven stands in its row, with the version of the
 * credentials it rests on.
 */
export class Flows {
  readonly #parts: { readonly database: Database; readonly clock: Clock; readonly random: Random }

  constructor(parts: {
    readonly database: Database
    readonly clock: Clock
    readonly random: Random
  }) {
    this.#parts = parts
  }

  async begin(trx: Trx, start: FlowStart): Promise<BegunFlow> {
    const { clock, random } = this.#parts
    const now = clock.now()
    const flow = newToken(random)
    const browser = start.transport === 'body' ? undefined : newToken(random)
    const lifeMs = livesMs[start.purpose]
    await insertFlow(trx, {
      token_hash: hashToken(flow),
      user_id: start.user.id,
      purpose: start.purpose,
      proven: json.encode(start.proven),
      browser_hash: hashToken(browser ?? nativeBrowser(start.userAgent)),
      transport: start.transport,
      credentials_version: start.user.credentials_version,
      attempts: 0,
      created_at: now,
      expires_at: now + lifeMs,
      used_at: null,
    })
    return { flow, browser, expiresIn: lifeMs / 1000 }
  }

  /** The flow somebody means, if it goes on. Counts nothing, so it must not tell whether a proof is right. */
  async find(request: FlowRequest, purpose: FlowPurpose): Promise<FlowRow | undefined> {
    const key = this.#keyOf(request, purpose)
    return key && findFlow(this.#parts.database.reader, key)
  }

  /** The flow somebody means, with this attempt counted before anything of it is checked. */
  async attempt(request: FlowRequest, purpose: FlowPurpose): Promise<AttemptedFlow | undefined> {
    const key = this.#keyOf(request, purpose)
    if (!key) return undefined
    const { database } = this.#parts
    if (!(await database.transaction((trx) => countAttempt(trx, key)))) return undefined
    const row = await findFlowByHash(database.reader, key.tokenHash)
    return row && { ...row, usedUp: row.attempts >= mostAttempts }
  }

  /** Finishes a flow inside the transaction of what it leads to; true for one caller alone. */
  consume(trx: Trx, flow: FlowRow): Promise<boolean> {
    return consumeFlow(trx, flow.token_hash, this.#parts.clock.now())
  }

  /** Ends the flow somebody means, whatever it is for and wherever: it leads nowhere any more. */
  async end(request: FlowRequest): Promise<void> {
    const key = this.#keyOf(request, 'mfa')
    if (key) await this.#parts.database.transaction((trx) => endFlow(trx, key))
  }

  /** The job that deletes flows which are over. */
  sweep(signal?: AbortSignal): Promise<void> {
    const { clock, database } = this.#parts
    const before = clock.now()
    return inBatches(database, { size: 500, signal }, (trx, size) => deleteFlows(trx, before, size))
  }

  #keyOf(
    { browser, flow, realm = defaultRealm }: FlowRequest,
    purpose: FlowPurpose,
  ): FlowKey | undefined {
    if (!isTokenShaped(flow) || browser === undefined) return undefined
    return {
      tokenHash: hashToken(flow),
      browserHash: hashToken(browser),
      ...{ purpose, realm, mostAttempts },
      now: this.#parts.clock.now(),
    }
  }
}

/** The factors that a flow has proven so far. */
export function provenIn(flow: FlowRow): readonly Factor[] {
  return json.decode(flow.proven) as readonly Factor[]
}
