import { commonErrors } from '../errors/index.ts'
import type { AccountStatus } from '../users/index.ts'
import type { AccountView } from './account-view.ts'

/** Which accounts to show. Every condition that is given must hold. */
export interface AccountQuery {
  /** Part of an address, a username or a name, at most 100 characters; `%` and `_` mean themselves. */
  readonly search?: string | undefined
  /** As it counts now. */
  readonly status?: AccountStatus | undefined
  /** A role that is held now. */
  readonly role?: string | undefined
  /** Default 50, at most 200. */
  readonly limit?: number | undefined
  /** `next` of the page before. */
  readonly after?: string | undefined
}

/** Some accounts, in the order of their creation. */
export interface AccountPage {
  readonly users: readonly AccountView[]
  /** For `after` of the next page; null when this is the last. */
  readonly next: string | null
}

/** Where a page ended. */
export interface PageEnd {
  readonly createdAt: number
  readonly id: string
}

const shape = /^(\d{1,15})\.([0-9a-f-]{36})$/

/** Writes where a page ended. It holds nothing that the page did not show. */
export function cursorOf({ createdAt, id }: PageEnd): string {
  return Buffer.from(`${createdAt}.${id}`).toString('base64url')
}

/** Reads what `cursorOf` wrote. Throws `invalid_request` for anything else. */
export function readCursor(cursor: string): PageEnd {
  const [, createdAt, id] = shape.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? []
  if (createdAt !== undefined && id !== undefined) return { createdAt: Number(createdAt), id }
  const detail = 'Send "next" of the page before, as it is.'
  throw commonErrors.invalid_request({
    faults: [{ pointer: '#/query/after', code: 'invalid_cursor', detail }],
  })
}
