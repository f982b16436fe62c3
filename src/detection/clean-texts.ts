const mostTexts = 500
const longestText = 400

/**
 * Remembers texts that nothing was found in, so that the user agent and the address that every request of a
 * client repeats are read once. Bounded: when it is full it begins anew. Never given credentials.
 */
export class CleanTexts {
  #known = new Set<string>()

  has(text: string): boolean {
    return this.#known.has(text)
  }

  add(text: string): void {
    if (text.length > longestText) return
    if (this.#known.size >= mostTexts) this.#known = new Set()
    this.#known.add(text)
  }
}
