import type { Factor } from '../assurance/index.ts'
import { hashToken, newToken } from '../crypto/index.ts'
import { json, type Trx } from '../database/index.ts'
import type { Origin, Recorder } from '../events/index.ts'
import { type Clock, type Random, uuidv7 } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { endByItself } from './end.ts'
import { clientHash } from './refresh-token.ts'
import { findLiveSessions, insertRefreshToken, insertSession } from './store.ts'
import type { SessionRow, Transport } from './table.ts'

export interface IssuerParts {
  readonly recorder: Recorder
  readonly revocations: Revocations
  readonly clock: Clock
  readonly random: Random
  readonly absoluteMs: (transport: Transport) => number
  readonly maxPerUser: number | undefined
}

/** What a session is issued for. `factors` and `level` come from the proofs, never from a request. */
export interface SessionGrant {
  readonly userId: string
  readonly transport: Transport
  readonly factors: readonly Factor[]
  readonly level: 1 | 2
  readonly ip: string | undefined
  readonly userAgent: string | undefined
  /** Value of the device cookie that goes with this session. */
  readonly device: string | undefined
  /** What the account knows this device by. */
  readonly deviceHash: string
}

/** A new session with the secrets that exist only here: they are stored as hashes. */
export interface IssuedSession {
  readonly row: SessionRow
  readonly refreshToken: string | undefined
  readonly sessionToken: string | undefined
}

/** The second door of this room, open to `sign-in/` alone: the only code that makes sessions. */
export class SessionIssuer {
  readonly #parts: IssuerParts

  constructor(parts: IssuerParts) {
    this.#parts = parts
  }

  async issue(trx: Trx, grant: SessionGrant): Promise<IssuedSession> {
    const { random } = this.#parts
    await this.#makeRoom(trx, grant)
    const token = newToken(random)
    const opaque = grant.transport === 'session'
    const row = this.#row(grant, opaque ? hashToken(token) : null)
    await insertSession(trx, row)
    if (opaque) return { row, refreshToken: undefined, sessionToken: token }
    await insertRefreshToken(trx, {
      token_hash: hashToken(token),
      session_id: row.id,
      parent_hash: null,
      created_at: row.created_at,
      used_at: null,
      client_hash: clientHash(grant),
    })
    return { row, refreshToken: token, sessionToken: undefined }
  }

  #row(grant: SessionGrant, tokenHash: string | null): SessionRow {
    const now = this.#parts.clock.now()
    return {
      id: uuidv7(now, this.#parts.random),
      user_id: grant.userId,
      transport: grant.transport,
      created_at: now,
      auth_time: now,
      last_activity_at: now,
      absolute_at: now + this.#parts.absoluteMs(grant.transport),
      ended_at: null,
      end_reason: null,
      ip: grant.ip ?? null,
      user_agent: grant.userAgent ?? null,
      device_hash: grant.deviceHash,
      token_hash: tokenHash,
      factors: json.encode(grant.factors),
      level: grant.level,
      secret_version: 0,
    }
  }

  /** Ends the oldest sessions when the user has as many as allowed. */
  async #makeRoom(trx: Trx, grant: SessionGrant): Promise<void> {
    const { clock, maxPerUser } = this.#parts
    if (maxPerUser === undefined) return
    const live = await findLiveSessions(trx, grant.userId, clock.now())
    const origin = originOfGrant(grant)
    for (const { id, user_id } of live.slice(maxPerUser - 1)) {
      await endByItself(trx, this.#parts, { id, user_id, reason: 'too_many', origin })
    }
  }
}

function originOfGrant({ ip, userAgent }: SessionGrant): Origin {
  return {
    ...(ip === undefined ? {} : { ip }),
    ...(userAgent === undefined ? {} : { userAgent }),
  }
}
