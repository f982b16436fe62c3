import { PatternFault, type PatternNode, PatternReader } from './pattern-reader.ts'

type Step =
  | { readonly kind: 'one'; readonly test: CharacterTest }
  | { readonly kind: 'edge'; readonly edge: '^' | '$' }
  | { readonly kind: 'fork'; a: number; b: number }
  | { readonly kind: 'jump'; to: number }
  | { readonly kind: 'match' }

/** Most steps of a pattern, each repetition written out: the work for one character is at most so many. */
const mostSteps = 600
/**
 * Most steps for the longest text that a pattern may be asked about, and for all texts of one part of a
 * request together: some ten milliseconds.
 */
export const mostWork = 1_000_000

/** A pattern that is matched in time linear in its text. */
export interface LinearPattern {
  /** Whether the pattern is found in the text, as `RegExp.test` means it. */
  test(text: string): boolean
  /**
   * The same, with the number of steps that were looked at. Where they are more than `most`, which is then
   * exceeded by the steps of one character, the answer is unknown.
   */
  measure(text: string, most?: number): Matching
}

/** What a pattern says of a text, and what it cost. */
export interface Matching {
  /** Undefined where it cost too much. */
  readonly found: boolean | undefined
  readonly steps: number
}

/**
 * Prepares a regular expression so that no text makes it slow: all ways of matching are followed at once
 * (Thompson 1968), so every character is looked at once, whatever the pattern. Throws PatternFault for
 * look-around, back-references, `\b`, flags that change the meaning of lines, more than 600 steps, and
 * more than a million for a text of `longest` characters.
 */
export function linearPattern(pattern: RegExp, longest = 1_000): LinearPattern {
  const steps: Step[] = []
  compile(new PatternReader(pattern).read(), steps)
  push(steps, { kind: 'match' })
  if (steps.length * longest > mostWork) {
    const fits = Math.floor(mostWork / steps.length)
    throw new PatternFault(`it is too large for ${longest} characters; with max: ${fits} it is not`)
  }
  const byPoint = /[uv]/.test(pattern.flags)
  const walk = new Walk(steps)
  const measure = (text: string, most = Number.POSITIVE_INFINITY) =>
    walk.run(byPoint ? [...text] : text.split(''), most)
  return { measure, test: (text) => measure(text).found === true }
}

function compile(node: PatternNode, steps: Step[]): void {
  if (node.kind === 'one') push(steps, { kind: 'one', test: characterTest(node.test) })
  else if (node.kind === 'edge') push(steps, node)
  else if (node.kind === 'all') for (const one of node.nodes) compile(one, steps)
  else if (node.kind === 'any') compileChoice(node.nodes, steps)
  else compileTimes(node, steps)
}

function compileChoice(nodes: readonly PatternNode[], steps: Step[]): void {
  const ends: { to: number }[] = []
  for (const [at, node] of nodes.entries()) {
    const last = at === nodes.length - 1
    const fork = last ? undefined : pushFork(steps)
    compile(node, steps)
    if (!last) {
      const end = { kind: 'jump' as const, to: 0 }
      push(steps, end)
      ends.push(end)
    }
    if (fork) fork.b = steps.length
  }
  for (const end of ends) end.to = steps.length
}

function compileTimes(
  { least, most, node }: Extract<PatternNode, { kind: 'times' }>,
  steps: Step[],
): void {
  for (let count = 0; count < least; count += 1) compile(node, steps)
  if (most === Number.POSITIVE_INFINITY) {
    const start = steps.length
    const fork = pushFork(steps)
    compile(node, steps)
    push(steps, { kind: 'jump', to: start })
    fork.b = steps.length
    return
  }
  const forks: { b: number }[] = []
  for (let count = least; count < most; count += 1) {
    forks.push(pushFork(steps))
    compile(node, steps)
  }
  for (const fork of forks) fork.b = steps.length
}

function pushFork(steps: Step[]) {
  const fork = { kind: 'fork' as const, a: steps.length + 1, b: 0 }
  push(steps, fork)
  return fork
}

function push(steps: Step[], step: Step): void {
  if (steps.length >= mostSteps) throw new PatternFault('it is too large')
  steps.push(step)
}

type CharacterTest = (character: string) => boolean

/** Asks the engine once about each of the usual characters, and about others as they come. */
function characterTest(pattern: RegExp): CharacterTest {
  const usual = Array.from({ length: 128 }, (_, code) => pattern.test(String.fromCharCode(code)))
  return (character) => usual[character.charCodeAt(0)] ?? pattern.test(character)
}

/** Runs through texts, one after the other. */
class Walk {
  readonly #steps: readonly Step[]
  /** For each step the place at which it was last reached, so that none is followed twice there. */
  readonly #reached: Float64Array
  /** Counts characters over all runs, so that nothing has to be laid out anew for a text. */
  #place = 0
  #count = 0

  constructor(steps: readonly Step[]) {
    this.#steps = steps
    this.#reached = new Float64Array(steps.length)
  }

  run(characters: readonly string[], most: number): Matching {
    this.#count = 0
    let waiting: number[] = []
    for (let at = 0; at <= characters.length; at += 1) {
      waiting.push(0)
      const open = this.#follow(waiting, at, characters.length)
      if (this.#count > most) return { found: undefined, steps: this.#count }
      if (open === 'match') return { found: true, steps: this.#count }
      waiting = []
      for (const step of open) if (this.#fits(step, characters[at])) waiting.push(step + 1)
    }
    return { found: false, steps: this.#count }
  }

  /** The steps that wait for the character at `at`, or that nothing more is needed; empties `stack`. */
  #follow(stack: number[], at: number, end: number): number[] | 'match' {
    this.#place += 1
    const open: number[] = []
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (this.#reached[next] === this.#place) continue
      this.#reached[next] = this.#place
      this.#count += 1
      const step = this.#steps[next]
      if (step?.kind === 'match') return 'match'
      if (step?.kind === 'fork') stack.push(step.b, step.a)
      else if (step?.kind === 'jump') stack.push(step.to)
      else if (step?.kind === 'one') open.push(next)
      else if (step?.kind === 'edge' && at === (step.edge === '^' ? 0 : end)) stack.push(next + 1)
    }
    return open
  }

  #fits(at: number, character: string | undefined): boolean {
    const step = this.#steps[at]
    return step?.kind === 'one' && character !== undefined && step.test(character)
  }
}
