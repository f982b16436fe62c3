import { commonErrors } from '../errors/index.ts'

/** Where a page of a list ended: what it is ordered by, an instant and then an id. */
export interface PageEnd {
  readonly at: number
  readonly id: string
}

const shape = /^(\d{1,15})\.([0-9A-Za-z-]{16,36})$/

/** Writes where a page ended. It holds nothing that the page did not show. */
export function cursorOf({ at, id }: PageEnd): string {
  return Buffer.from(`${at}.${id}`).toString('base64url')
}

/** Reads what `cursorOf` wrote. Throws `invalid_request` for anything else. */
export function readCursor(cursor: string): PageEnd {
  const [, at, id] = shape.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? []
  if (at !== undefined && id !== undefined) return { at: Number(at), id }
  const detail = 'Send "next" of the page before, as it is.'
  throw commonErrors.invalid_request({
    faults: [{ pointer: '#/query/after', code: 'invalid_cursor', detail }],
  })
}
