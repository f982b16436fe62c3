import { decode, unarmoured, unquoted } from './decode.ts'
import type { Field } from './fields.ts'
import type { DetectionRule, FieldKind } from './rule.ts'
import { codeRules, headerRules, logRules, prototypeRules, templateRules } from './rules-code.ts'
import { commandRules } from './rules-command.ts'
import { fetchRules, traversalRules } from './rules-files.ts'
import { nosqlRules, sqlRules } from './rules-sql.ts'
import { windowsRules } from './rules-windows.ts'
import { xssRules } from './rules-xss.ts'
import { Scanner } from './scan.ts'
import { type Exemption, type Inspection, Tally } from './tally.ts'

/** Every rule, in the order of its class. */
export const detectionRules: readonly DetectionRule[] = Object.freeze([
  ...sqlRules,
  ...nosqlRules,
  ...xssRules,
  ...traversalRules,
  ...commandRules,
  ...windowsRules,
  ...codeRules,
  ...templateRules,
  ...prototypeRules,
  ...headerRules,
  ...logRules,
  ...fetchRules,
])

/** For whom an engine speaks. */
export interface EngineOptions {
  readonly rules?: readonly DetectionRule[]
  /** Whether a text is an address of the app's own origin. Default: none is. */
  readonly isOwn?: (text: string) => boolean
}

const kinds: readonly FieldKind[] = [
  'path',
  'query',
  'header',
  'cookie',
  'form',
  'text',
  'json',
  'name',
]

/**
 * Says how much a request looks like an attack. Pure: the same fields have the same result, nothing is
 * changed or kept, and the cost grows with the length of the texts and with nothing else. It ends where the
 * work that it may cost does.
 */
export class Engine {
  readonly #scanners: ReadonlyMap<FieldKind, Scanner>
  readonly #isOwn: (text: string) => boolean

  constructor({ isOwn = () => false, rules = detectionRules }: EngineOptions = {}) {
    this.#scanners = new Map(kinds.map((kind) => [kind, new Scanner(rules, kind)]))
    this.#isOwn = isOwn
  }

  /**
   * Looks through `fields` for at most `work` units; without a bound unless there is one. Each is paid for
   * as it comes, so that what makes them makes no more of them than there is work for.
   */
  inspect(
    fields: Iterable<Field>,
    exemption?: Exemption,
    work = Number.POSITIVE_INFINITY,
  ): Inspection {
    const tally = new Tally(exemption, work)
    for (const field of fields) {
      if (tally.spend(field.text.length)) this.#read(field, tally)
      if (tally.isOver) break
    }
    return tally.result()
  }

  #read(field: Field, tally: Tally): void {
    const { hint, text, twice } = decode(field.text, field.kind)
    if (field.overlong) tally.add('traversal.overlong', 'traversal', { field, weight: 4 })
    if (hint && field.kind !== 'json') tally.add('sql.hint', 'sql', { field, weight: 5 })
    if (twice && (field.kind === 'path' || field.kind === 'query')) {
      tally.add('header.twice', 'header', { field, weight: 1 })
    }
    this.#scan(text, field, tally)
    if (field.kind === 'json' || tally.isOver) return
    const plain = unquoted(text)
    if (plain.length !== text.length) this.#scan(plain, field, tally)
    const hidden = unarmoured(field.text)
    if (hidden !== undefined) this.#scan(decode(hidden, field.kind).text, field, tally)
  }

  #scan(text: string, field: Field, tally: Tally): void {
    const scanner = this.#scanners.get(field.kind)
    if (!scanner || !tally.spend(text.length)) return
    const most = tally.mostTries
    const tries = scanner.scan(text, most, (rule) =>
      rule.sparesOwn && this.#isOwn(field.text) ? false : tally.match(rule, field),
    )
    tally.tried(tries)
  }
}
