import { describe, expect, it } from 'vitest'
import { fieldsOfBody } from './body-fields.ts'
import { Engine } from './engine.ts'
import { fieldsOfXml } from './xml-fields.ts'

const nested = (depth: number, text: string): unknown =>
  JSON.parse(`${'['.repeat(depth)}${JSON.stringify(text)}${']'.repeat(depth)}`)

describe('the texts of a body', () => {
  it('are those of any depth that a parser takes, in their order', () => {
    expect([...fieldsOfBody(nested(45_000, 'x'), 'json')]).toEqual([
      { kind: 'json', name: 'body', text: 'x' },
    ])
    const body = { a: ['1', { 'b c': '2' }], d: '', e: { f: '3' } }
    expect(
      [...fieldsOfBody(body, 'form')].map(({ kind, name, text }) => [kind, name, text]),
    ).toEqual([
      ['form', 'body.a', '1'],
      ['name', 'body.a name', 'b c'],
      ['form', 'body.a.(unusual name)', '2'],
      ['form', 'body.e.f', '3'],
    ])
  })

  it('are read once where one thing stands at many places, or in itself', () => {
    let shared: unknown = ['x']
    for (let times = 0; times < 60; times += 1) shared = [shared, shared]
    const round: Record<string, unknown> = { text: 'y', shared }
    round.self = round
    expect([...fieldsOfBody(round, 'json')].map(({ text }) => text)).toEqual(['y', 'x'])
  })
})

describe('no more texts are made than may be looked through', () => {
  it.each([
    ['of JSON', fieldsOfBody(Array(1_000).fill('lorem ipsum'), 'json')],
    ['of XML', fieldsOfXml(`<a>${'<b>lorem ipsum</b>'.repeat(1_000)}</a>`)],
  ])('%s', (_, fields) => {
    let made = 0
    function* counted() {
      for (const field of fields) {
        made += field.text.length
        yield field
      }
    }
    const { isCutShort, work } = new Engine().inspect(counted(), undefined, 1_000)
    expect([isCutShort, work <= 1_000, made <= 1_100]).toEqual([true, true, true])
  })
})
