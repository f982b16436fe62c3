import type { Duplex } from 'node:stream'
import type { Auth, ClientAddress } from '../../http/index.ts'
import type { Timer } from '../../ports/index.ts'
import type { Security } from '../../security.ts'

/** What a socket was opened with. */
export interface Admitted {
  /** Inside the organisation that the handshake named. */
  readonly auth: Auth
  /** From where it was opened. */
  readonly client?: ClientAddress | undefined
  /** Absent: a live session is enough. */
  readonly permission: string | undefined
  /** Level that the session needs. */
  readonly level: 1 | 2
  /** Whether it may be below the one that policy demands of the account. */
  readonly anyLevel: boolean
}

interface LiveSocket extends Admitted {
  readonly socket: Duplex
  timer?: Timer
  /** How often it was asked about: only the last answer says when to ask again. */
  checks: number
}

/** How late a socket may learn of an end that no event tells of, such as idle time. */
const checkEveryMs = 60_000

/** How many sockets are asked about at once when a change concerns them all. */
const checksAtOnce = 16

/**
 * Sockets that stay open after the request that made them. A request asks for its session each time;
 * these must be told. They are closed when the session is revoked or anything about its user
 * changes, at the instant at which the session or a role that admitted them ends, and within a
 * minute after idle time has passed. Whoever may still come connects again. When what a role holds
 * changes, those that it admits no more are closed, and no others. Nothing that is sent over a socket
 * counts as activity, and no check does.
 */
export class LiveSockets {
  readonly #security: Security
  readonly #bySubject = new Map<string, Set<LiveSocket>>()
  readonly #all = new Set<LiveSocket>()
  #subscribedTo: unknown
  /** Whether all are being asked about, and whether that has to begin anew. */
  #sweeping = false
  #dirty = false

  constructor(security: Security) {
    this.#security = security
  }

  /**
   * Keeps a socket for as long as its caller could open it again. What was revoked since the caller
   * was admitted, and before this listened, destroys it before this resolves.
   */
  async add(socket: Duplex, admitted: Admitted): Promise<void> {
    if (socket.destroyed) return
    this.#follow()
    const { auth } = admitted
    const live: LiveSocket = { ...admitted, socket, checks: 0 }
    this.#all.add(live)
    socket.once('close', () => this.#all.delete(live))
    for (const subject of subjectsOf(auth)) {
      const sockets = this.#bySubject.get(subject) ?? new Set()
      this.#bySubject.set(subject, sockets.add(live))
      socket.once('close', () => this.#drop(subject, live))
    }
    await this.#check(live)
  }

  /** Ends all: after this nothing vouches for them. */
  close(): void {
    for (const subject of [...this.#bySubject.keys()]) this.#end(subject)
  }

  #follow(): void {
    const { revocations } = this.#security.parts.ground
    if (this.#subscribedTo === revocations) return
    this.#subscribedTo = revocations
    revocations.subscribe({
      revoked: ({ id, kind }) => {
        if (kind === 'roles') void this.#checkAll()
        else this.#end(`${kind}:${id}`)
      },
      everything: () => this.close(),
    })
  }

  /** What is told while this runs begins it anew: an answer may be from before. Never rejects. */
  async #checkAll(): Promise<void> {
    this.#dirty = true
    if (this.#sweeping) return
    this.#sweeping = true
    while (this.#dirty) {
      this.#dirty = false
      const waiting = this.#all.values()
      const worker = async () => {
        for (const live of waiting) await this.#check(live)
      }
      await Promise.all(Array.from({ length: checksAtOnce }, worker))
    }
    this.#sweeping = false
  }

  /** Destroys the socket, or looks again when that could next be due. Never rejects. */
  async #check(live: LiveSocket): Promise<void> {
    const check = ++live.checks
    const until = await this.#admittedUntil(live)
    if (live.socket.destroyed) return
    if (until === undefined) {
      live.socket.destroy()
      return
    }
    if (check !== live.checks) return
    live.timer?.cancel()
    const { clock } = this.#security.config
    const wait = Math.min(Math.max(until - clock.now(), 0), checkEveryMs)
    live.timer = clock.after(wait, () => void this.#check(live))
  }

  /** Undefined for what would not be admitted now. Never rejects: what cannot be confirmed is not. */
  async #admittedUntil({ permission, ...live }: LiveSocket): Promise<number | undefined> {
    const { logger } = this.#security.config
    try {
      const { ground, rooms } = this.#security.parts
      // A poll that is under way may have begun too long ago; the next one has not.
      if (!ground.revocations.fresh) await ground.revocations.poll()
      if (!ground.revocations.fresh) await ground.revocations.poll()
      const now = await this.#callerNow(live)
      if (!ground.revocations.fresh || !now) return undefined
      if (permission !== undefined && !now.can(permission)) return undefined
      const { level, requiredLevel } = now
      if (level < live.level || (level < requiredLevel && !live.anyLevel)) return undefined
      const { authenticator, keyAuthenticator } = rooms
      return (now.keyId === undefined ? authenticator : keyAuthenticator).expiresAt(now)
    } catch (error) {
      logger.warn('a live socket could not be confirmed and is closed', { error })
      return undefined
    }
  }

  /**
   * The same session or key as it stands now, in the same organisation; undefined, or a rejection, once it
   * would be let in no more.
   */
  async #callerNow({ auth, client }: Pick<Admitted, 'auth' | 'client'>): Promise<Auth | undefined> {
    const { keyId, organisation, sessionId } = auth
    const { entrance, keyAuthenticator, verdicts } = this.#security.parts.rooms
    if (keyId !== undefined) return keyAuthenticator.again(keyId)
    const verdict =
      verdicts.recall(sessionId, this.#security.config.clock.now()) ??
      (await verdicts.load({ sessionId }))
    if (!verdict.ok || organisation === undefined) return verdict.ok ? verdict.auth : undefined
    return entrance.enter(verdict.auth, organisation, client)
  }

  #drop(subject: string, live: LiveSocket): void {
    live.timer?.cancel()
    const sockets = this.#bySubject.get(subject)
    sockets?.delete(live)
    if (sockets?.size === 0) this.#bySubject.delete(subject)
  }

  #end(subject: string): void {
    for (const { socket } of this.#bySubject.get(subject) ?? []) socket.destroy()
  }
}

/** Whose change ends the socket, or has it judged again: a socket of a key hears of its key and its owner. */
function subjectsOf({ keyId, organisation, sessionId, userId }: Auth): readonly string[] {
  const there = organisation === undefined ? [] : [`organisation:${organisation}`]
  if (keyId === undefined) return [`session:${sessionId}`, `user:${userId}`, ...there]
  return [`key:${keyId}`, `key:${userId}`, `user:${userId}`, ...there]
}
