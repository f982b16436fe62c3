import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linesOf, longestLine } from './lines.ts'

async function split(chunks: readonly Uint8Array[]) {
  const lines: [number, string | undefined, number][] = []
  for await (const { bytes, end, number } of linesOf(chunks)) {
    lines.push([number, bytes?.toString('utf8'), end])
  }
  return lines
}

const bytes = (text: string) => new TextEncoder().encode(text)

describe('lines', () => {
  it('are the same wherever the chunks of a file end', async () => {
    const text = '{"a":1}\r\n\n{"ü":"\u{1f511}"}\nlast'
    const whole = await split([bytes(text)])
    expect(whole).toEqual([
      [1, '{"a":1}', 9],
      [3, '{"ü":"\u{1f511}"}', 24],
      [4, 'last', 28],
    ])
    const cuts = fc.array(fc.nat({ max: bytes(text).length }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const edges = [0, ...places.toSorted((one, other) => one - other), bytes(text).length]
        const chunks = edges.slice(1).map((edge, at) => bytes(text).subarray(edges[at], edge))
        expect(await split(chunks)).toEqual(whole)
      }),
    )
  })

  it('that are too long are counted, skipped and never held', async () => {
    const long = bytes('x'.repeat(longestLine + 1))
    const fits = bytes('y'.repeat(longestLine))
    const lines = await split([bytes('a\n'), long, long, bytes('\n'), fits, bytes('\nb')])
    expect(lines.map(([number, text]) => [number, text?.length])).toEqual([
      [1, 1],
      [2, undefined],
      [3, longestLine],
      [4, 1],
    ])
  })

  it('outlive a buffer that is used again', async () => {
    const buffer = bytes('ab')
    function* source() {
      yield buffer
      buffer.fill(120)
      yield buffer
    }
    const lines: (string | undefined)[] = []
    for await (const line of linesOf(source())) lines.push(line.bytes?.toString())
    expect(lines).toEqual(['abxx'])
  })
})
