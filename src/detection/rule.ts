/** What kind of attack a rule looks for. */
export type AttackClass =
  | 'sql'
  | 'nosql'
  | 'xss'
  | 'traversal'
  | 'command'
  | 'code'
  | 'template'
  | 'prototype'
  | 'header'
  | 'log'
  | 'fetch'
  /** No attack of its own: the request costs more to look through than one may. */
  | 'work'

/**
 * Where a text stands in a request. `json` is the value of a JSON body: text that people write, which a
 * program takes by its key and stores as it is. Every other place is read by more than the app itself.
 */
export type FieldKind = 'path' | 'query' | 'header' | 'cookie' | 'form' | 'text' | 'json' | 'name'

/**
 * One rule, as data. It is tried where one of its `words` or `signs` begins in the decoded, lower-case text,
 * or once at the text's start. `pattern` is sticky and every repetition in it is bounded, so that one trial
 * costs a constant whatever the text.
 */
export interface DetectionRule {
  /** Class and name, such as `sql.tautology`: what logs, events and exemptions speak of. */
  readonly id: string
  readonly class: AttackClass
  /** What its match means, in a sentence for people. */
  readonly reason: string
  readonly pattern: RegExp
  readonly words?: readonly string[]
  /** Characters outside words. */
  readonly signs?: string
  readonly start?: true
  /** Tried at every word that begins with `on`, as event attributes do. */
  readonly events?: true
  /** The pattern's first group is one of these words. */
  readonly among?: ReadonlySet<string>
  /** Points towards the threshold; 5 unless told. */
  readonly weight?: number
  /** Points in the values of a JSON body; none unless told. */
  readonly json?: number
  /** The only places where it is tried; all but `json` unless told. */
  readonly kinds?: readonly FieldKind[]
  /** Tried only in texts of at most so many characters. */
  readonly short?: number
  /** Says nothing of a text that is an address of the app's own origin, letter by letter. */
  readonly sparesOwn?: true
}

export type RuleDraft = Omit<DetectionRule, 'class'>

/** Rules of one class, from a table of drafts. */
export function rulesOf(kind: AttackClass, drafts: readonly RuleDraft[]): readonly DetectionRule[] {
  return drafts.map((draft) => ({ ...draft, id: `${kind}.${draft.id}`, class: kind }))
}
