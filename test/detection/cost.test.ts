import { describe, expect, it } from 'vitest'
import { type DetectionRule, detectionRules, Engine } from '../../src/detection/index.ts'
import { counted } from './steps.ts'

/** A pattern that counts what its trials cost. */
class CountingPattern extends RegExp {
  steps = 0
  readonly #counted

  constructor(pattern: RegExp) {
    super(pattern)
    this.#counted = counted(pattern)
  }

  override exec(text: string): RegExpExecArray | null {
    this.steps += this.#counted.tryAt(text, this.lastIndex).steps
    return super.exec(text)
  }
}

const signsOf = (source: string): string[] =>
  [...source.replace(/\\[wsdSbB]/g, '').matchAll(/\\?[^\w\s\\]/g)].map(([sign]) =>
    sign.replace('\\', ''),
  )
const wordsOf = (source: string): string[] =>
  [...source.replace(/\\[a-zA-Z]/g, ' ').matchAll(/[a-z_]{2,}/g)].map(([word]) => word)

/** What a pattern itself is made of. */
const piecesOf = ({ pattern: { source } }: DetectionRule): readonly string[] => [
  ...new Set([...wordsOf(source), ...signsOf(source), ' ', 'a', '1', 'a ', 'a(', 'a,', '\n']),
]

const beginnings = (rule: DetectionRule): readonly string[] =>
  rule.start
    ? ['', ...piecesOf(rule).slice(0, 12)]
    : [
        ...(rule.words ?? []).slice(0, 12),
        ...(rule.signs ?? ''),
        ...(rule.events ? ['onload'] : []),
      ]

type Cost = (text: string) => number
interface Tried {
  readonly start: string
  readonly unit: string
  readonly cost: number
}

/** Numbers that are the same in every run. */
function lots(): (below: number) => number {
  let seed = 7
  return (below) => {
    seed = (seed * 1_103_515 + 12_345) % 2_147_483_648
    return seed % below
  }
}

/** Climbs from a rule's own pieces to the text that costs most: the dearest so far are varied. */
function dearest(rule: DetectionRule, length: number, cost: Cost): Tried {
  const [lot, pieces] = [lots(), piecesOf(rule)]
  const tryOut = (start: string, unit: string): Tried => {
    const text = (start + unit.repeat(Math.ceil(length / unit.length))).slice(0, length)
    return { start, unit, cost: cost(text) }
  }
  const best = (all: readonly Tried[]) => [...all].sort((a, b) => b.cost - a.cost).slice(0, 12)
  const pick = (list: readonly string[]) => list[lot(list.length)] ?? ' '
  let pool = best(
    beginnings(rule).flatMap((start) => pieces.slice(0, 30).map((unit) => tryOut(start, unit))),
  )
  for (let round = 0; round < 12; round++) {
    const varied = pool.map(({ start, unit }) => {
      const at = lot(unit.length + 1)
      const longer = unit.slice(0, at) + pick(pieces) + unit.slice(at)
      return [
        tryOut(start + pick(pieces), unit),
        tryOut(start, longer),
        tryOut(start, pick(pieces)),
      ]
    })
    pool = best([...pool, ...varied.flat()])
  }
  return pool[0] as Tried
}

describe('what a text costs is bounded in steps of the engine of patterns', () => {
  it.each(detectionRules.map((rule) => [rule.id, rule] as const))('one trial of %s', (_, rule) => {
    const own = counted(rule.pattern)
    // What is tried in short texts alone may cost more.
    const most = rule.short === undefined ? 4_500 : 9_000
    const found = dearest(
      rule,
      Math.min(rule.short ?? 300, 300),
      (text) => own.tryAt(text, 0).steps,
    )
    expect(found.cost, JSON.stringify(found)).toBeLessThanOrEqual(most)
  })

  it.each([
    ...[
      'select(',
      "\n'",
      "|'",
      "'or a",
      '"or a.',
      "' and(",
      'select a(',
      'union select ',
      '<a ',
      '<a b="',
    ],
    ...[
      '#{a.',
      '#{a(',
      '${:',
      '${a:-',
      ';$a',
      ';../',
      '|a=',
      ';sudo ',
      '&/a',
      'select ((',
      'union\n',
    ],
  ])('a text of nothing but %j, in all rules', (unit) => {
    const rules = detectionRules.map((rule) => ({
      ...rule,
      pattern: new CountingPattern(rule.pattern),
    }))
    const engine = new Engine({ rules })
    const text = unit.repeat(Math.ceil(3_000 / unit.length))
    engine.inspect([{ kind: 'form', name: 'x', text }])
    const steps = rules.reduce((sum, { pattern }) => sum + pattern.steps, 0)
    expect(steps / text.length).toBeLessThanOrEqual(500)
  })

  it('the count is that of the real patterns: both match the same', () => {
    for (const rule of detectionRules) {
      const own = counted(rule.pattern)
      for (const start of beginnings(rule)) {
        for (const unit of piecesOf(rule).slice(0, 12)) {
          const text = start + unit.repeat(3)
          rule.pattern.lastIndex = 0
          expect([rule.id, text, own.tryAt(text, 0).matches]).toEqual([
            rule.id,
            text,
            rule.pattern.test(text),
          ])
        }
      }
    }
  })
})
