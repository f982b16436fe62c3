import type { SecurityOptions } from '../../src/config/index.ts'
import type { OutgoingMail } from '../../src/ports/index.ts'

/** What a node process is started with; it goes through IPC, so it is JSON. */
export interface NodeSettings {
  /** In the form of `DATABASE_URL`. */
  readonly url: string
  readonly masterKey: string
  /** How far this node's clock is off. Default 0. */
  readonly clockOffsetMs?: number
  /** Hash at the configured cost instead of argon2id's least. */
  readonly realHashes?: boolean
  /** Added to the defaults of a node: limits raised, loopback trusted as a proxy. */
  readonly options?: Partial<SecurityOptions>
}

/** What a node process can be told to do. */
export interface NodeCommands {
  /** Calls `security.users[method](...args)`. */
  users(
    method: 'create' | 'invite' | 'find' | 'grantRole' | 'withdrawRole' | 'disable' | 'enable',
    ...args: readonly unknown[]
  ): unknown
  /** Calls `security.organisations[method](...args)`. */
  organisations(
    method:
      | 'create'
      | 'addMember'
      | 'removeMember'
      | 'grantRole'
      | 'withdrawRole'
      | 'setPolicy'
      | 'close',
    ...args: readonly unknown[]
  ): unknown
  /** Sends what waits in the outbox; the mails arrive at the parent. */
  deliverMail(): void
  /** Passwords hashed or compared since the start. */
  hashes(): number
  /** Moves this node's clock. */
  jump(ms: number): void
  /** Confirms the revocation state now instead of at the next poll; a node made deaf hears again. */
  poll(): void
  /** Hears nothing of what other nodes revoke from now on, as between two polls. */
  deafen(): void
  /** Stops the next proof of a second factor once it was counted and before anything is spent. */
  holdProof(): void
  /** Resolves when a proof waits there. */
  proofHeld(): void
  /** Lets it go on. */
  releaseProof(): void
  /** Bytes resident after collecting garbage. */
  memory(): number
  /** Closes the security and ends the process. */
  close(): void
}

export interface CommandMessage {
  readonly id: number
  readonly command: keyof NodeCommands
  readonly args: readonly unknown[]
}

/** What a node process says to its parent. */
export type NodeMessage =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'mail'; readonly mail: OutgoingMail }
  | { readonly kind: 'result'; readonly id: number; readonly value?: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly code: string }
