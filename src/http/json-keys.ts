/** Up to this many keys a list is quicker to search than a set is to build. */
const shortObject = 8

/**
 * The keys of all objects that are open, one object after the other, to notice the second of its
 * kind. A small object is searched in place; a larger one gets a set of its own.
 */
export class OpenKeys {
  readonly #keys: string[] = []
  /** By the place where the keys of their object begin. */
  #sets: Map<number, Set<string>> | undefined

  /** Where the keys of an object that begins now will stand. */
  get end(): number {
    return this.#keys.length
  }

  /** False when the innermost object, whose keys begin at `first`, has the key already. */
  add(key: string, first: number): boolean {
    if (this.#keys.length - first >= shortObject) return this.#addToSet(key, first)
    for (let at = first; at < this.#keys.length; at += 1) {
      if (this.#keys[at] === key) return false
    }
    this.#keys.push(key)
    return true
  }

  /** Ends the innermost object. */
  close(first: number): void {
    this.#sets?.delete(first)
    while (this.#keys.length > first) this.#keys.pop()
  }

  #addToSet(key: string, first: number): boolean {
    this.#sets ??= new Map()
    const set = this.#sets.get(first) ?? new Set(this.#keys.slice(first))
    this.#sets.set(first, set)
    if (set.has(key)) return false
    set.add(key)
    this.#keys.push(key)
    return true
  }
}
