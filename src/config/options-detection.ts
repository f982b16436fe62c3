/** Part of the app's paths where less is asked of a request. */
export interface DetectionExemption {
  /** A path of the app; `:name` stands for one segment, a last `*` for all that follow. */
  readonly path: string
  /** Ids of rules such as `sql.union`, or their classes such as `xss`. Absent: all. */
  readonly rules?: readonly string[]
  /** Fields such as `query.q`, `body.text` or `header.referer`. Absent: all. */
  readonly fields?: readonly string[]
}

/**
 * Recognition of attacks by their text; see docs/guides/attack-detection.md. It stands beside placeholders,
 * encoding and schemas, which keep an attack from working, and never instead of them.
 */
export interface DetectionOptions {
  /** `monitor` counts what it would refuse; see `holdfast shield report`. `block` is what profile `strict` does. */
  readonly mode?: 'off' | 'monitor' | 'block'
  /** Points from which a request is suspicious. One clear rule has 5; more asks for several. */
  readonly threshold?: number
  /** Paths where text is legal that elsewhere is an attack, such as those of an editor of code. */
  readonly exempt?: readonly DetectionExemption[]
}
