/** Up to this many keys a list is quicker to search than a set is to build. */
const shortObject = 8

/**
 * The keys of all objects that are open, one after the other. An object with few keys is searched in
 * place; one with more gets a set of its own.
 */
export class OpenKeys {
  readonly #keys: string[] = []
  /** By the place where the keys of their object begin. */
  #sets: Map<number, Set<string>> | undefined
  #start = 0

  /** Begins an object. The answer is for `close`. */
  open(): number {
    const outer = this.#start
    this.#start = this.#keys.length
    return outer
  }

  close(outer: number): void {
    this.#sets?.delete(this.#start)
    this.#keys.length = this.#start
    this.#start = outer
  }

  /** Keys of the innermost object. */
  get count(): number {
    return this.#keys.length - this.#start
  }

  /** False when the innermost object has the key already. */
  add(key: string): boolean {
    if (this.count >= shortObject) return this.#addToSet(key)
    for (let at = this.#start; at < this.#keys.length; at += 1) {
      if (this.#keys[at] === key) return false
    }
    this.#keys.push(key)
    return true
  }

  #addToSet(key: string): boolean {
    this.#sets ??= new Map()
    let set = this.#sets.get(this.#start)
    if (!set) {
      set = new Set(this.#keys.slice(this.#start))
      this.#sets.set(this.#start, set)
    }
    if (set.has(key)) return false
    set.add(key)
    this.#keys.push(key)
    return true
  }
}
