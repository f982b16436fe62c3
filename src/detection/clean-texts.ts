const mostTexts = 500
const longestText = 400

/** Where a text stood: each place is read in its own way, so what is harmless in one proves nothing of another. */
export type CleanPlace = 'target' | `header.${string}`

/**
 * Remembers texts that nothing was found in, so that the user agent and the address that every request of a
 * client repeats are read once. Each place has texts of its own, and begins anew when it is full. Never given
 * credentials; places are those that the caller lists, never names that a client chose.
 */
export class CleanTexts {
  readonly #known = new Map<CleanPlace, Set<string>>()

  has(place: CleanPlace, text: string): boolean {
    return this.#known.get(place)?.has(text) === true
  }

  add(place: CleanPlace, text: string): void {
    if (text.length > longestText) return
    const texts = this.#known.get(place)
    if (texts && texts.size < mostTexts) texts.add(text)
    else this.#known.set(place, new Set([text]))
  }
}
