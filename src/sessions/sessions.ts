import { equalSecrets, hashToken, isTokenShaped } from '../crypto/index.ts'
import type { Database, Trx } from '../database/index.ts'
import type { SecurityError } from '../errors/index.ts'
import type { Origin, Recorder } from '../events/index.ts'
import type { Auth } from '../http/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { bumpCredentials } from '../users/index.ts'
import { claimCaller } from './claim-caller.ts'
import { type EndRequest, endByPerson, type OwnedSession } from './end.ts'
import { challenges, sessionErrors } from './errors.ts'
import { addProof, type SessionProof } from './proof.ts'
import { clientHash, successorOf } from './refresh-token.ts'
import { outdated, type RenewedSecret, renewSecret } from './renew.ts'
import {
  claimSession,
  consumeRefreshToken,
  endSession,
  endSessionsOf,
  findLiveSessions,
  findRefreshToken,
  findSessionsOf,
  insertRefreshToken,
} from './store.ts'
import { sweepSessions } from './sweep.ts'
import type { RefreshTokenRow, SessionRow } from './table.ts'
import type { LiveSession, Verdicts } from './verdict.ts'

export interface SessionParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly revocations: Revocations
  readonly verdicts: Verdicts
  readonly clock: Clock
  readonly random: Random
  /** Derives the successors of refresh tokens. */
  readonly refreshKey: Uint8Array
  readonly graceMs: number
  /** Ends the trust in every device of an account, and says in how many; the room `devices` does it. */
  readonly distrust: (trx: Trx, userId: string) => Promise<number>
}

/** One attempt to spend a refresh token. */
export interface RefreshRequest {
  readonly token: string
  /** Tokens of the device cookie; the one that the session was issued to counts. */
  readonly devices: readonly string[]
  readonly userAgent: string | undefined
  readonly origin: Origin
  /** Asked with the session before the token is spent; a refusal leaves the token as it was. */
  readonly permit: (session: LiveSession) => SecurityError | undefined
}

/** A new refresh token and its session, or why not. */
export type RefreshResult =
  | { readonly ok: true; readonly session: LiveSession; readonly refreshToken: string }
  | { readonly ok: false; readonly error: SecurityError }

/** Sessions after they were issued: refreshed, listed, ended. */
export class Sessions {
  readonly #parts: SessionParts

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /**
   * Spends a refresh token for its successor. Spending one that was spent before ends the session,
   * unless it is the immediate parent, tried again by the same client within the grace while its
   * successor is unused: then the same successor is given.
   */
  async refresh(request: RefreshRequest): Promise<RefreshResult> {
    if (!isTokenShaped(request.token)) return refused(invalid())
    const { clock, database, refreshKey, verdicts } = this.#parts
    const tokenHash = hashToken(request.token)
    const row = await findRefreshToken(database.reader, tokenHash)
    if (!row) return refused(invalid())
    const session = await verdicts.load({ sessionId: row.session_id })
    if (!session.ok) return refused(session.error())
    const objection = request.permit(session)
    if (objection) return refused(objection)
    const successor = successorOf(refreshKey, request.token)
    const client = clientOf(request, session.row)
    const spent = await database.transaction((trx) => this.#rotate(trx, row, client, successor))
    if (spent || (await this.#isRetry(row, client, successor))) {
      return { ok: true, session, refreshToken: successor }
    }
    // Its whole chain was replaced meanwhile: a token of it is one that nobody knows.
    if (!(await findRefreshToken(database.reader, tokenHash))) return refused(invalid())
    await this.#endFamily(session, request.origin, clock.now())
    return refused(sessionErrors.session_revoked({ headers: challenges.revoked }))
  }

  /** The live session a refresh token belongs to, spent or not, without spending it. */
  async findByRefreshToken(token: string | undefined): Promise<LiveSession | undefined> {
    if (token === undefined || !isTokenShaped(token)) return undefined
    const row = await findRefreshToken(this.#parts.database.reader, hashToken(token))
    if (!row) return undefined
    const verdict = await this.#parts.verdicts.load({ sessionId: row.session_id })
    return verdict.ok ? verdict : undefined
  }

  /** The live session of an opaque session cookie. */
  async findBySessionToken(token: string | undefined): Promise<LiveSession | undefined> {
    if (token === undefined || !isTokenShaped(token)) return undefined
    const verdict = await this.#parts.verdicts.load({ tokenHash: hashToken(token) })
    return verdict.ok ? verdict : undefined
  }

  /** The live sessions of a user. */
  list(userId: string): Promise<SessionRow[]> {
    const { clock, database } = this.#parts
    return findLiveSessions(database.reader, userId, clock.now())
  }

  /** The sessions of a user with those that ended and are still kept, newest first, at most `limit`. */
  history(userId: string, limit: number): Promise<SessionRow[]> {
    return findSessionsOf(this.#parts.database.reader, userId, limit)
  }

  /**
   * Notes that the person behind a live session proved who they are again, and by what. The session or
   * its user has been announced as revoked in this transaction, so that every node reads it anew. False
   * when it has ended. See `addProof`.
   * @internal takes a transaction of ours
   */
  noteProof(trx: Trx, sessionId: string, proof: SessionProof): Promise<boolean> {
    return addProof(trx, this.#parts.clock, { ...proof, sessionId })
  }

  /**
   * Throws `token_expired` unless the credential of a caller is as new as the secret of its session. For
   * what ends in `renew`, which asks again: here nothing is counted or spent yet.
   */
  demandCurrent(auth: Auth, { row }: LiveSession): void {
    if (this.#parts.verdicts.secretVersionOf(auth) !== row.secret_version) throw outdated()
  }

  /**
   * Gives the live session of a caller another secret, so that copies of the one before are dead. The
   * session or its user has been announced as revoked in this transaction. Throws `token_expired` for a
   * caller whose credential was made before the secret was last replaced.
   * @internal takes a transaction of ours
   */
  renew(
    trx: Trx,
    auth: Auth,
    { id, transport }: Pick<SessionRow, 'id' | 'transport'>,
  ): Promise<RenewedSecret> {
    const secretVersion = this.#parts.verdicts.secretVersionOf(auth)
    return renewSecret(trx, this.#parts, { id, transport, secretVersion })
  }

  /** Ends one session of a user; false when it has no such live session. */
  end(sessionId: string, userId: string, request: EndRequest): Promise<boolean> {
    return this.#endLive({ sessionId, userId }, request)
  }

  /** As `end`, for the owner in one of her sessions. Throws as `claim`. */
  endOwn(sessionId: string, auth: Auth, request: EndRequest): Promise<boolean> {
    return this.#endLive({ sessionId, userId: auth.userId }, request, auth)
  }

  /**
   * Takes the account and the session of a caller for a change that the session outlasts. See
   * `claimCaller`.
   * @internal takes a transaction of ours
   */
  claim(trx: Trx, auth: Auth): Promise<void> {
    return claimCaller(trx, this.#parts, auth)
  }

  /**
   * Ends all sessions of their owner but this one, and what would bring another about without the whole
   * proof: sign-ins that have begun, and the trust in browsers. Where nothing is left to end, nothing
   * changes. How many sessions there were. Throws as `claim`.
   */
  endOthers(auth: Auth, request: EndRequest): Promise<number> {
    const { database, distrust } = this.#parts
    const { sessionId, userId } = auth
    return database.transaction(async (trx) => {
      await this.claim(trx, auth)
      const count = await this.endAll(trx, userId, { ...request, exceptId: sessionId })
      const trusted = await distrust(trx, userId)
      if (count + trusted > 0) await bumpCredentials(trx, userId)
      return count
    })
  }

  /**
   * Ends all sessions of a user, but one if asked, inside the caller's transaction.
   * @internal takes a transaction of ours
   */
  async endAll(
    trx: Trx,
    userId: string,
    request: EndRequest & { readonly exceptId?: string },
  ): Promise<number> {
    const { clock, recorder, revocations } = this.#parts
    await revocations.announce(trx, { kind: 'user', id: userId })
    const end = { at: clock.now(), reason: request.reason }
    const count = await endSessionsOf(
      trx,
      userId,
      request.exceptId === undefined ? end : { ...end, exceptId: request.exceptId },
    )
    if (count > 0) {
      await recorder.record(trx, {
        name: 'sessions.ended',
        actor: request.actor,
        resource: { kind: 'user', id: userId },
        reason: request.reason,
        ...(request.origin ? { origin: request.origin } : {}),
        payload: { userId, count },
      })
    }
    return count
  }

  /**
   * The hourly job: see `sweepSessions`.
   * @internal run by its job
   */
  sweep(signal?: AbortSignal): Promise<void> {
    return sweepSessions(this.#parts, signal)
  }

  async #rotate(
    trx: Trx,
    parent: RefreshTokenRow,
    client: string,
    successor: string,
  ): Promise<boolean> {
    const now = this.#parts.clock.now()
    if (!(await claimSession(trx, parent.session_id))) return false
    if (!(await consumeRefreshToken(trx, parent.token_hash, now))) return false
    await insertRefreshToken(trx, {
      token_hash: hashToken(successor),
      session_id: parent.session_id,
      parent_hash: parent.token_hash,
      created_at: now,
      used_at: null,
      client_hash: client,
    })
    return true
  }

  async #isRetry(parent: RefreshTokenRow, client: string, successor: string): Promise<boolean> {
    const { clock, database, graceMs } = this.#parts
    const child = await findRefreshToken(database.reader, hashToken(successor))
    if (!child || child.used_at !== null) return false
    if (clock.now() - child.created_at > graceMs) return false
    return (
      equalSecrets(child.client_hash, client) && equalSecrets(parent.client_hash, child.client_hash)
    )
  }

  async #endFamily(session: LiveSession, origin: Origin, at: number): Promise<void> {
    const { database, recorder, revocations } = this.#parts
    const { sessionId, userId } = session.auth
    await database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'session', id: sessionId })
      if (!(await endSession(trx, sessionId, { at, reason: 'token_reused' }))) return
      await recorder.record(trx, {
        name: 'token.reused',
        actor: { kind: 'user', id: userId },
        resource: { kind: 'session', id: sessionId },
        outcome: 'refused',
        origin,
        payload: { sessionId, userId },
      })
    })
  }

  async #endLive(session: OwnedSession, request: EndRequest, auth?: Auth): Promise<boolean> {
    const live = await this.list(session.userId)
    if (!live.some((row) => row.id === session.sessionId)) return false
    return this.#parts.database.transaction(async (trx) => {
      if (auth) await this.claim(trx, auth)
      return endByPerson(trx, this.#parts, { ...request, session })
    })
  }
}

/** Of the devices in the cookie the one that the session was issued to, if it is there. */
function clientOf({ devices, userAgent }: RefreshRequest, session: SessionRow): string {
  const own = devices.find((token) => hashToken(token) === session.device_hash)
  return clientHash({ device: own ?? devices[0], userAgent })
}

const refused = (error: SecurityError) => ({ ok: false, error }) as const
const invalid = () => sessionErrors.token_invalid({ headers: challenges.invalid })
