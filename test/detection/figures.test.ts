import { describe, expect, it } from 'vitest'
import { Engine, type FieldKind, fieldsOfBody } from '../../src/detection/index.ts'
import { fieldsOf, hardProse, names, naughtyStrings, prose, ruleSetRequests } from './requests.ts'

const threshold = 5
const engine = new Engine()
const scoreOf = (kind: FieldKind, text: string) =>
  engine.inspect([{ kind, name: 'field', text }]).score
const inJson = (text: string) => engine.inspect(fieldsOfBody({ text }, 'json')).score
const share = (some: number, all: number) =>
  `${some} of ${all} (${((100 * some) / all).toFixed(1)} %)`

describe('attacks of the Core Rule Set', () => {
  const requests = ruleSetRequests()
  const isFound = (request: (typeof requests)[number]) =>
    engine.inspect(fieldsOf(request)).score >= threshold
  const attacks = (level: number) =>
    requests.filter(({ kind, pl }) => kind === 'attack' && pl === level)

  it.each(['930', '932', '934', '941', '942'])(
    'of group %s at paranoia level 1 at least 90 % are found',
    (group) => {
      const own = attacks(1).filter(({ rule }) => String(rule).startsWith(group))
      const found = own.filter(isFound)
      console.info(`group ${group}: ${share(found.length, own.length)}`)
      expect(found.length / own.length).toBeGreaterThanOrEqual(0.9)
    },
  )

  it('of all at paranoia level 1 at least 95 % are found; what higher levels yield is told', () => {
    const [found, all] = [attacks(1).filter(isFound).length, attacks(1).length]
    for (const level of [2, 3]) {
      console.info(
        `level ${level}: ${share(attacks(level).filter(isFound).length, attacks(level).length)}`,
      )
    }
    expect(found / all).toBeGreaterThanOrEqual(0.95)
  })

  it('of requests that one of its rules must let pass, few are refused', () => {
    const legal = requests.filter(({ kind, pl }) => kind === 'rule-must-not-match' && pl > 1)
    const refused = legal.filter(isFound)
    console.info(`rule-must-not-match above level 1: ${share(refused.length, legal.length)}`)
    expect(refused.length / legal.length).toBeLessThan(0.05)
  })
})

describe('legal text', () => {
  it('no naughty string is refused as the value of a JSON body', () => {
    expect(naughtyStrings().filter((text) => inJson(text) >= threshold)).toEqual([])
    const elsewhere = naughtyStrings().filter((text) => scoreOf('form', text) >= threshold)
    console.info(
      `naughty strings as fields of a form: ${share(elsewhere.length, naughtyStrings().length)} refused`,
    )
  })

  it.each(['json', 'form', 'query', 'header', 'cookie', 'path'] as const)(
    'no name is refused in %s',
    (kind) => {
      expect(names().filter((text) => scoreOf(kind, text) >= threshold)).toEqual([])
    },
  )

  it('no paragraph of prose is refused in JSON, and few anywhere else', () => {
    const paragraphs = prose()
    expect(paragraphs.filter((text) => inJson(text) >= threshold)).toEqual([])
    const refused = paragraphs.filter((text) => scoreOf('form', text) >= threshold)
    console.info(
      `paragraphs as fields of a form: ${share(refused.length, paragraphs.length)} refused`,
    )
    expect(refused.length / paragraphs.length).toBeLessThanOrEqual(0.003)
  })

  it('texts about attacks pass in JSON; of those that quote none, all pass in forms too', () => {
    expect(hardProse().filter((text) => inJson(text) >= threshold)).toEqual([])
    const refused = hardProse().filter((text) => scoreOf('form', text) >= threshold)
    expect(refused.length).toBeLessThanOrEqual(1)
  })
})
