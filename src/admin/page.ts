import { readCursor as read, cursorOf as write } from '../http/index.ts'
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

/** Writes where a page ended. It holds nothing that the page did not show. */
export function cursorOf({ createdAt, id }: PageEnd): string {
  return write({ at: createdAt, id })
}

/** Reads what `cursorOf` wrote. Throws `invalid_request` for anything else. */
export function readCursor(cursor: string): PageEnd {
  const { at, id } = read(cursor)
  return { createdAt: at, id }
}
