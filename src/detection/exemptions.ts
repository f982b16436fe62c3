import type { DetectionExemption } from '../config/index.ts'
import type { Exemption } from './tally.ts'

interface Compiled {
  readonly segments: readonly string[]
  readonly rules: readonly string[] | undefined
  readonly fields: readonly string[] | undefined
}

const everything = 'everything'

/**
 * What is not asked of requests to a path. A path is compared as it was sent, in capital and small letters:
 * one that is spelled in another way is exempt from nothing.
 */
export class Exemptions {
  readonly #list: readonly Compiled[]

  constructor(list: readonly DetectionExemption[]) {
    this.#list = list.map(({ fields, path, rules }) => ({
      segments: path.split('/'),
      rules,
      fields,
    }))
  }

  /** `everything` for a path of which nothing is asked. */
  forPath(path: string): Exemption | typeof everything | undefined {
    if (this.#list.length === 0) return undefined
    const found = this.#list.filter(({ segments }) => fits(segments, path.split('/')))
    if (found.length === 0) return undefined
    if (found.some(({ fields, rules }) => !fields && !rules)) return everything
    return {
      exempts: (rule, attack, field) => found.some((one) => covers(one, rule, attack, field)),
    }
  }
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  const open = pattern.at(-1) === '*'
  if (open ? path.length < pattern.length : path.length !== pattern.length) return false
  const fixed = open ? pattern.slice(0, -1) : pattern
  return fixed.every((segment, at) =>
    segment.startsWith(':') ? path[at] !== '' : segment === path[at],
  )
}

function covers({ fields, rules }: Compiled, rule: string, attack: string, field: string): boolean {
  if (fields && !fields.includes(field)) return false
  return rules === undefined || rules.includes(rule) || rules.includes(attack)
}
