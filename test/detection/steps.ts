/**
 * Counts the steps of a backtracking engine for the patterns of the rules, so that their cost is a number
 * that no machine changes. Reads what the rules use: classes, groups, alternatives, bounded repetitions
 * (greedy and lazy) and looking around.
 */
type Next = (at: number) => boolean
type Node = (at: number, next: Next) => boolean

interface Run {
  text: string
  steps: number
}

/** A pattern whose trials are counted. */
export interface CountedPattern {
  /** Whether it matches at a place, and the steps that this took. */
  tryAt(text: string, at: number): { readonly matches: boolean; readonly steps: number }
}

export function counted({ source }: RegExp): CountedPattern {
  const run: Run = { text: '', steps: 0 }
  const reader = new Reader(source, run)
  const node = reader.alternatives()
  if (!reader.atEnd) throw new Error(`What follows is not read: ${reader.rest}`)
  return {
    tryAt(text, at) {
      run.text = text
      run.steps = 0
      const matches = node(at, () => true)
      return { matches, steps: run.steps }
    },
  }
}

class Reader {
  #at = 0
  readonly #source: string
  readonly #run: Run

  constructor(source: string, run: Run) {
    this.#source = source
    this.#run = run
  }

  get atEnd(): boolean {
    return this.#at >= this.#source.length
  }

  get rest(): string {
    return this.#source.slice(this.#at)
  }

  alternatives(): Node {
    const all = [this.#sequence()]
    while (this.#take('|')) all.push(this.#sequence())
    const [only] = all
    if (all.length === 1 && only) return only
    return (at, next) => all.some((one) => one(at, next))
  }

  #sequence(): Node {
    const parts: Node[] = []
    while (!this.atEnd && !/^[|)]/.test(this.rest)) parts.push(this.#repeated())
    return parts.reduceRight<Node>(
      (after, part) => (at, next) => part(at, (then) => after(then, next)),
      (at, next) => next(at),
    )
  }

  #repeated(): Node {
    const node = this.#atom()
    const found = /^(?:\{(\d+)(?:,(\d+))?\}|\?)(\??)/.exec(this.rest)
    if (!found) return node
    this.#at += found[0].length
    const least = found[1] === undefined ? 0 : Number(found[1])
    const most = found[1] === undefined ? 1 : Number(found[2] ?? found[1])
    return found[3] === '?' ? lazy(node, least, most) : greedy(node, least, most)
  }

  #atom(): Node {
    const around = /^\(\?(<?)([=!])/.exec(this.rest)
    if (around) {
      this.#at += around[0].length
      return this.#around(this.#closed(), { behind: around[1] === '<', wanted: around[2] === '=' })
    }
    const group = /^\((?:\?:)?/.exec(this.rest)
    if (group) {
      this.#at += group[0].length
      return this.#closed()
    }
    return this.#sign()
  }

  #closed(): Node {
    const node = this.alternatives()
    if (!this.#take(')')) throw new Error(`A group is not closed before ${this.rest}`)
    return node
  }

  #around(node: Node, { behind, wanted }: { behind: boolean; wanted: boolean }): Node {
    const longest = 60
    const holds: Next = (at) => {
      if (!behind) return node(at, () => true)
      for (let from = at; from >= Math.max(0, at - longest); from--) {
        if (node(from, (end) => end === at)) return true
      }
      return false
    }
    return (at, next) => holds(at) === wanted && next(at)
  }

  #sign(): Node {
    const found = /^(?:\\u[\da-f]{4}|\\x[\da-f]{2}|\\.|\[(?:\\.|[^\]\\])*\]|[^*+{])/s.exec(
      this.rest,
    )
    if (!found) throw new Error(`This is not read: ${this.rest}`)
    this.#at += found[0].length
    if (/^(?:\\[bB]|\^|\$)$/.test(found[0])) return this.#edge(new RegExp(found[0], 'y'))
    const one = new RegExp(`^${found[0]}$`)
    const known = new Map<string, boolean>()
    const fits = (character: string) => {
      const answer = known.get(character) ?? one.test(character)
      known.set(character, answer)
      return answer
    }
    return (at, next) => {
      this.#run.steps += 1
      return at < this.#run.text.length && fits(this.#run.text.charAt(at)) && next(at + 1)
    }
  }

  #edge(pattern: RegExp): Node {
    return (at, next) => {
      this.#run.steps += 1
      pattern.lastIndex = at
      return pattern.test(this.#run.text) && next(at)
    }
  }

  #take(sign: string): boolean {
    if (this.#source[this.#at] !== sign) return false
    this.#at += 1
    return true
  }
}

function greedy(node: Node, least: number, most: number): Node {
  const from = (count: number, at: number, next: Next): boolean => {
    if (
      count < most &&
      node(at, (then) => (then > at || count < least) && from(count + 1, then, next))
    )
      return true
    return count >= least && next(at)
  }
  return (at, next) => from(0, at, next)
}

function lazy(node: Node, least: number, most: number): Node {
  const from = (count: number, at: number, next: Next): boolean => {
    if (count >= least && next(at)) return true
    return count < most && node(at, (then) => then > at && from(count + 1, then, next))
  }
  return (at, next) => from(0, at, next)
}
