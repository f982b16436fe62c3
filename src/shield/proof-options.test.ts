import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type ProofOptions, readProofOptions } from './proof-options.ts'

it.each<[ProofOptions, object]>([
  [{}, {}],
  [{ within: '5m' }, { withinMs: 300_000 }],
  [{ level: 2 }, { level: 2 }],
  [
    { within: '90s', level: 1 },
    { withinMs: 90_000, level: 1 },
  ],
])('%o is understood', (options, rule) => {
  expect(readProofOptions(options)).toEqual({ ok: true, rule })
})

it.each<[unknown, RegExp]>([
  [{ within: 300 }, /^within: write how long with its unit, for example '300s'$/],
  [{ within: '5 minutes' }, /for example '5m'/],
  [{ within: '0s' }, /for example '5m'/],
  [{ within: '' }, /for example '5m'/],
  [{ within: null }, /for example '5m'/],
  [{ level: '2' }, /^level: write 1 \(one factor\) or 2 \(two factors\), as a number$/],
  [{ level: 3 }, /^level: /],
  [{ level: 0 }, /^level: /],
  [
    { withn: '5m' },
    /no option 'withn'. Did you mean "within"\? The options are audit, within, level/,
  ],
  [null, /as an object/],
  ['5m', /as an object/],
  [[], /as an object/],
])('%o is refused with what to write instead', (options, fault) => {
  expect(readProofOptions(options as ProofOptions, ['audit'])).toEqual({
    ok: false,
    fault: expect.stringMatching(fault),
  })
})

it('whatever it is given, a rule asks for all that was written or is none', () => {
  const value = fc.oneof(fc.anything(), fc.constantFrom('5m', '1h', 1, 2))
  const options = fc.record({ within: value, level: value }, { requiredKeys: [] })
  fc.assert(
    fc.property(options, (given) => {
      const read = readProofOptions(given as ProofOptions)
      if (!read.ok) return
      expect(read.rule.withinMs !== undefined).toBe(given.within !== undefined)
      expect(read.rule.level).toBe(given.level)
    }),
  )
})
