import { SecurityError } from '../errors/index.ts'
import { configErrors } from './errors.ts'

/** Collects every mistake of a configuration, so that they can be mended in one go. */
export class Faults {
  readonly #found = new Map<string, string[]>()

  /** `problem` completes the sentence that begins with the path, and ends with the fix. */
  add(path: string, problem: string): void {
    this.#found.set(path, [...(this.#found.get(path) ?? []), problem])
  }

  /** Whether something at `path`, inside it or around it is already known to be wrong. */
  concerns(path: string): boolean {
    const inside = (inner: string, outer: string) =>
      inner === outer || (/^[.[]/.test(inner.slice(outer.length)) && inner.startsWith(outer))
    return [...this.#found.keys()].some((known) => inside(known, path) || inside(path, known))
  }

  /** Throws the SecurityError `invalid_configuration` with one line a mistake; nothing when there is none. */
  throwIfAny(): void {
    if (this.#found.size > 0) throw configurationError(this.lines())
  }

  lines(): string[] {
    return [...this.#found].flatMap(([path, problems]) =>
      problems.map((problem) => `${path} ${problem}`),
    )
  }
}

/** One error for all mistakes. Its message is for whoever starts the process and holds no secret. */
export function configurationError(lines: readonly string[]): SecurityError {
  const count = lines.length === 1 ? 'one mistake' : `${lines.length} mistakes`
  const list = lines.map((line) => `  - ${line}`).join('\n')
  return new SecurityError('invalid_configuration', {
    ...configErrors.$table.invalid_configuration,
    detail: `The configuration has ${count}:\n${list}`,
  })
}
