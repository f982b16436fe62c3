import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { naughtyStrings, prose } from '../../test/detection/requests.ts'
import { detectionRules, Engine } from './engine.ts'
import type { Field } from './fields.ts'
import type { FieldKind } from './rule.ts'
import { workFor } from './tally.ts'

const engine = new Engine()
const nothing = { exempts: () => true }
const whole = 102_400
const of = (text: string, kind: FieldKind = 'form'): Field => ({ kind, name: 'x', text })
const filled = (unit: string, length = whole) =>
  unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
const workOf = (fields: readonly Field[]) => engine.inspect(fields, nothing).work

/** What begins rules, in the mixtures that try most of them. */
const costly = ["|'", "\n'", "' ", "a'", '"a', '<a ', ';$a', '../', '${:', "' and(", 'select(']

describe('what looking through a request may cost', () => {
  it('is never exceeded, and never reached by what costs less', () => {
    const pieces = fc.constantFrom(
      ...costly,
      ...detectionRules.flatMap(({ words = [] }) => words.slice(0, 3)),
      'lorem ',
    )
    const text = fc.array(pieces, { maxLength: 80 }).map((list) => list.join(''))
    const field = fc.record({
      ...{ kind: fc.constantFrom<FieldKind>('form', 'query', 'text', 'json'), text },
      name: fc.constant('x'),
    })
    fc.assert(
      fc.property(
        fc.array(field, { maxLength: 5 }),
        fc.integer({ min: 0, max: 30_000 }),
        (fields, most) => {
          const free = engine.inspect(fields, nothing)
          const bound = engine.inspect(fields, nothing, most)
          expect([free.isCutShort, bound.isCutShort]).toEqual([false, free.work > most])
          expect(bound.work).toBeLessThanOrEqual(most)
          expect(bound.tries).toBeLessThanOrEqual(most / 40 + 1)
          if (!bound.isCutShort) expect(bound).toEqual(free)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('leaves room for prose and for the naughtiest strings as long as a body may be', () => {
    for (const list of [prose(), naughtyStrings()]) {
      const text = filled(`${list.join('\n')}\n`)
      expect(workOf([of(text)])).toBeLessThan(workFor(whole))
      const many = text.match(/[\s\S]{1,200}/g) ?? []
      expect(workOf(many.map((each) => of(each)))).toBeLessThan(workFor(whole))
    }
  })

  it.each(costly)('ends a body of nothing but %j, or is not reached by it', (unit) => {
    const { isCutShort, work } = engine.inspect([of(filled(unit, 3 * whole))], nothing, workFor(0))
    expect(work).toBeLessThanOrEqual(workFor(0))
    expect(isCutShort).toBe(workOf([of(filled(unit, 3 * whole))]) > workFor(0))
  })

  it('grows with the length of a text and with nothing else', () => {
    for (const unit of costly) {
      const [small, large] = [workOf([of(filled(unit, 5_000))]), workOf([of(filled(unit, 20_000))])]
      expect(large, unit).toBeLessThanOrEqual(4.2 * small)
    }
  })

  it('grows with the longest body that is taken, and is never less than for one of 100 kB', () => {
    expect([workFor(0), workFor(2 * whole)]).toEqual([workFor(whole), 2 * workFor(whole)])
  })
})
