/** Where a place in a statement stands. */
export type SqlPlace = 'code' | 'text' | 'name' | 'comment'

/** What was found while a piece of a statement was read. */
export interface SqlScan {
  /** Where the piece ends. */
  readonly place: SqlPlace
  /** The character that ends a text or name; `*` for a block comment, a line break for another. */
  readonly end: string
  /** A `?` stands outside texts: some databases read it as the place of a value. */
  readonly mark: boolean
  /** A `$1` stands outside texts. */
  readonly numbered: boolean
}

export const sqlStart: SqlScan = Object.freeze({
  ...{ place: 'code', end: '', mark: false, numbered: false },
})

/** Reads one literal piece of a statement, from where the last one ended. Linear. */
export function scanSql(piece: string, from: SqlScan): SqlScan {
  let { end, mark, numbered, place } = from
  for (let at = 0; at < piece.length; at += 1) {
    const two = piece.slice(at, at + 2)
    if (place === 'code') {
      ;[place, end] = openingOf(two)
      if (two.startsWith('?')) mark = true
      if (/^\$\d/.test(two)) numbered = true
      if (place === 'comment') at += 1
    } else if (end === '*' ? two === '*/' : piece[at] === end) {
      if (end === '*') at += 1
      place = 'code'
    }
  }
  return { end, mark, numbered, place }
}

function openingOf(two: string): [SqlPlace, string] {
  const [first = ''] = two
  if (first === "'") return ['text', "'"]
  if (first === '"' || first === '`') return ['name', first]
  if (two === '--') return ['comment', '\n']
  return two === '/*' ? ['comment', '*'] : ['code', '']
}
