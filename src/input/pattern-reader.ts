/** One step of a pattern. `test` looks at one character. */
export type PatternNode =
  | { readonly kind: 'one'; readonly test: RegExp }
  | { readonly kind: 'edge'; readonly edge: '^' | '$' }
  | { readonly kind: 'all'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'any'; readonly nodes: readonly PatternNode[] }
  | {
      readonly kind: 'times'
      readonly node: PatternNode
      readonly least: number
      readonly most: number
    }

/** The pattern holds what cannot be matched in linear time, or what this reader does not know. */
export class PatternFault extends Error {
  override readonly name = 'PatternFault'
}

/**
 * Reads the source of a regular expression: characters, classes, groups, `|`, `*`, `+`, `?`, `{m,n}`, `^` and
 * `$`. Look-around and back-references need a search through the whole text for each character, so they
 * are refused, as is `\b`. Every character class is handed to the engine as it is written.
 */
export class PatternReader {
  readonly #source: string
  readonly #flags: string
  #at = 0

  constructor({ flags, source }: RegExp) {
    const strange = flags.replace(/[iuvsdg]/g, '')
    if (strange !== '') throw new PatternFault(`the flag ${strange} is not taken`)
    this.#source = source
    this.#flags = flags.replace(/[dg]/g, '')
  }

  read(): PatternNode {
    const node = this.#choice()
    if (this.#at < this.#source.length) throw new PatternFault('a ) stands alone')
    return node
  }

  #choice(): PatternNode {
    const branches = [this.#sequence()]
    while (this.#take('|')) branches.push(this.#sequence())
    return branches.length === 1 && branches[0] ? branches[0] : { kind: 'any', nodes: branches }
  }

  #sequence(): PatternNode {
    const nodes: PatternNode[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] ?? '')) {
      nodes.push(this.#repeated(this.#atom()))
    }
    return { kind: 'all', nodes }
  }

  #atom(): PatternNode {
    if (this.#take('(')) return this.#group()
    for (const edge of ['^', '$'] as const) if (this.#take(edge)) return { kind: 'edge', edge }
    if (this.#source[this.#at] === '[') return this.#one(this.#class())
    if (this.#source[this.#at] === '\\') return this.#one(this.#escape())
    const point = this.#source.codePointAt(this.#at) ?? 0
    return this.#one(
      /[uv]/.test(this.#flags) ? String.fromCodePoint(point) : (this.#source[this.#at] ?? ''),
    )
  }

  #group(): PatternNode {
    if (this.#take('?')) {
      const name = /^(?::|<[A-Za-z_]\w*>)/.exec(this.#source.slice(this.#at))?.[0]
      if (name === undefined) throw new PatternFault('look-around is not taken')
      this.#at += name.length
    }
    const node = this.#choice()
    if (!this.#take(')')) throw new PatternFault('a ( is never closed')
    return node
  }

  #one(source: string): PatternNode {
    this.#at += source.length
    return { kind: 'one', test: new RegExp(`^(?:${source})$`, this.#flags) }
  }

  #class(): string {
    let depth = 0
    for (let at = this.#at; at < this.#source.length; at += 1) {
      const sign = this.#source[at]
      if (sign === '\\') at += 1
      else if (sign === '[' && (depth === 0 || this.#flags.includes('v'))) depth += 1
      else if (sign === ']') depth -= 1
      if (depth === 0) return this.#source.slice(this.#at, at + 1)
    }
    throw new PatternFault('a [ is never closed')
  }

  #escape(): string {
    const rest = this.#source.slice(this.#at)
    const known =
      /^\\(?:[dDsSwW]|[pP]\{[^}]*\}|u\{[0-9a-f]+\}|u[0-9a-f]{4}|x[0-9a-f]{2}|c[a-z]|[tnvfr0]|[^a-zA-Z0-9])/i
    const found = known.exec(rest)?.[0]
    if (found === undefined) throw new PatternFault(`${rest.slice(0, 2)} is not taken`)
    return found
  }

  #repeated(node: PatternNode): PatternNode {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(this.#source.slice(this.#at))
    if (!found) return node
    this.#at += found[0].length
    // A lazy sign changes which match is found, never whether there is one.
    this.#take('?')
    const [least, most] = countsOf(found)
    return { kind: 'times', node, least, most }
  }

  #take(sign: string): boolean {
    if (!this.#source.startsWith(sign, this.#at)) return false
    this.#at += sign.length
    return true
  }
}

function countsOf([sign = '', least = '', comma, most]: RegExpExecArray): [number, number] {
  if (sign === '*') return [0, Number.POSITIVE_INFINITY]
  if (sign === '+') return [1, Number.POSITIVE_INFINITY]
  if (sign === '?') return [0, 1]
  if (comma !== ',') return [Number(least), Number(least)]
  return [Number(least), most === '' ? Number.POSITIVE_INFINITY : Number(most)]
}
