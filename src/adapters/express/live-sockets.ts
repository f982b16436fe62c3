import type { Duplex } from 'node:stream'
import type { Auth } from '../../http/index.ts'
import type { Security } from '../../security.ts'

/**
 * Sockets that stay open after the request that made them. A request asks for its session each time;
 * these must be told: when the session ends, or anything about its user changes, they are closed,
 * and whoever may still come connects again.
 */
export class LiveSockets {
  readonly #bySubject = new Map<string, Set<Duplex>>()
  #subscribedTo: unknown

  /** Starts listening, once the security runs. */
  follow(security: Security): void {
    const { revocations } = security.parts.ground
    if (this.#subscribedTo === revocations) return
    this.#subscribedTo = revocations
    revocations.subscribe({
      revoked: ({ id, kind }) => this.#end(`${kind}:${id}`),
      everything: () => {
        for (const subject of [...this.#bySubject.keys()]) this.#end(subject)
      },
    })
  }

  add(socket: Duplex, { sessionId, userId }: Auth): void {
    for (const subject of [`session:${sessionId}`, `user:${userId}`]) {
      const sockets = this.#bySubject.get(subject) ?? new Set()
      this.#bySubject.set(subject, sockets.add(socket))
      socket.once('close', () => this.#drop(subject, socket))
    }
  }

  #drop(subject: string, socket: Duplex): void {
    const sockets = this.#bySubject.get(subject)
    sockets?.delete(socket)
    if (sockets?.size === 0) this.#bySubject.delete(subject)
  }

  #end(subject: string): void {
    for (const socket of this.#bySubject.get(subject) ?? []) socket.destroy()
  }
}
