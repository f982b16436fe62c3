// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings hold source code
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SqlInterpolation, sql } from './index.ts'

const invalid = (explanation?: string) =>
  expect.objectContaining({
    code: 'sql_invalid',
    ...(explanation ? { message: expect.stringContaining(explanation) } : {}),
  })

describe('a statement', () => {
  it('keeps its values out of its text, in the form of each database', () => {
    const [id, name] = [7, "O'Brien"]
    const one = sql`select * from t where id = ${id} and name = ${name}`
    expect([one.text, one.values]).toEqual([
      'select * from t where id = $1 and name = $2',
      [7, "O'Brien"],
    ])
    expect(one.for('mysql').sql).toBe('select * from t where id = ? and name = ?')
    expect(one.for('sqlite')).toEqual({
      text: 'select * from t where id = ? and name = ?',
      sql: 'select * from t where id = ? and name = ?',
      values: [7, "O'Brien"],
    })
  })

  it('holds others, whose values keep their order', () => {
    const where = sql.join([sql`a = ${1}`, sql`b in (${sql.join([2, 3])})`], sql` and `)
    const one = sql`select ${sql.id('t', 'a')} from ${sql.id('t')} where ${where}${sql.empty} limit ${4}`
    expect(one.text).toBe('select "t"."a" from "t" where a = $1 and b in ($2, $3) limit $4')
    expect(one.values).toEqual([1, 2, 3, 4])
    expect(one.for('mysql').text).toContain('`t`.`a` from `t` where a = ? and b in (?, ?)')
  })

  it('never takes a value for code, whatever the value is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const one = sql`select ${text}`
        expect([one.text, one.values]).toEqual(['select $1', [text]])
      }),
    )
  })

  it.each<[string, unknown, string]>([
    ['a list', [1, 2], 'sql.join'],
    ['undefined', undefined, 'sql.empty'],
    ['an object', { a: 1 }, 'JSON.stringify'],
    ['an object that looks like a part', { text: '1; drop table t', values: [] }, 'object'],
    ['not a number', Number.NaN, 'finite'],
    ['an instant that is none', new Date(Number.NaN), 'object'],
    ['a function', () => 1, 'object'],
  ])('refuses %s', (_, value, advice) => {
    expect(() => sql`select ${value as SqlInterpolation}`).toThrowError(invalid(advice))
  })

  it('refuses a value inside quotes or a comment, which would be no value there', () => {
    const x = 'x'
    expect(() => sql`select '${x}'`).toThrowError(invalid('quotes'))
    expect(() => sql`select "${x}"`).toThrowError(invalid('name'))
    expect(() => sql`select 1 -- ${x}`).toThrowError(invalid('comment'))
    expect(() => sql`select /* ${x} */ 1`).toThrowError(invalid('comment'))
    expect(() => sql`select 'a`).toThrowError(invalid('closed'))
    expect(() => sql`select 1 -- a`).toThrowError(invalid('closed'))
    expect(
      sql`select 'it''s -- no comment', /* ' */ ${x} -- end
`.text,
    ).toContain('$1')
  })

  it('refuses places that are numbered by hand, and marks where a database takes them for places', () => {
    const x = 1
    expect(() => sql`select $1, ${x}`).toThrowError(invalid('$1'))
    const json = sql`select a ? 'b', ${x}`
    expect(json.for('postgres').text).toBe("select a ? 'b', $1")
    expect(() => json.for('mysql')).toThrowError(invalid('?'))
    expect(sql`select '?', ${x}`.for('mysql').text).toBe("select '?', ?")
  })

  it.each(['', 'a b', 'a"b', 'a`b', 'a;', '1a', 'é', 'a.b', `a${'b'.repeat(63)}`])(
    'takes no such name: %j',
    (name) => {
      expect(() => sql.id(name)).toThrowError(invalid('names'))
    },
  )

  it('cannot be made of a text', () => {
    const asFunction = sql as unknown as (text: unknown, ...values: unknown[]) => unknown
    const forged = Object.assign(['select 1'], { raw: ['select 1'] })
    for (const text of ['select 1', ['select 1'], forged, Object.freeze(['select 1'])]) {
      expect(() => asFunction(text)).toThrowError(invalid('tag'))
    }
    const Made = sql`x`.constructor as new (key: unknown, pieces: unknown) => unknown
    expect(() => new Made(Symbol('x'), [])).toThrowError(invalid())
    expect('raw' in sql).toBe(false)
  })

  it('cannot be used as a text', () => {
    const one = sql`select 1`
    expect(() => `${one as unknown as string}`).toThrowError(invalid('as a text'))
    expect(() => `${one as unknown as string}x`).toThrowError(invalid())
    expect(() => JSON.stringify(one)).toThrowError(invalid())
    expect(() => one.for('oracle' as 'mysql')).toThrowError(invalid('postgres'))
    expect(() => sql.join([])).toThrowError(invalid('at least one'))
  })

  it('for SQLite has no truth values and no instants', () => {
    expect(sql`select ${true}, ${false}`.for('sqlite').values).toEqual([1, 0])
    expect(() => sql`select ${new Date(0)}`.for('sqlite')).toThrowError(invalid('getTime'))
  })
})
