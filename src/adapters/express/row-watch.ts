import type { Auth } from '../../http/index.ts'

/**
 * Notices whether the handler of a route that admits callers for some rows has asked which: by `rows`
 * of that permission, by `can` with an object, or by setting up row-level security for the caller.
 */
export class RowWatch {
  readonly #unasked = new Set<string>()

  expect(permission: string): void {
    this.#unasked.add(permission)
  }

  /** A permission that nobody has asked about yet. */
  get unasked(): string | undefined {
    return this.#unasked.values().next().value
  }

  /** The caller as the handler sees it. Row-level security asks for every permission there is. */
  watched(auth: Auth): Auth {
    const noticed = (permission: string) => void this.#unasked.delete(permission)
    return Object.freeze({
      ...auth,
      can: (...question: Parameters<Auth['can']>) => {
        if (question[1] !== undefined) noticed(question[0])
        return auth.can(...question)
      },
      rows: (...question: Parameters<Auth['rows']>) => {
        noticed(question[0])
        return auth.rows(...question)
      },
      settings: (...question: Parameters<Auth['settings']>) => {
        this.#unasked.clear()
        return auth.settings(...question)
      },
    })
  }
}
