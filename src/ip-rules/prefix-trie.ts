import type { Network } from '../http/index.ts'

/** Prefixes at least this long are found by their first bits; only shorter ones are walked to from the root. */
const rootBits = { ipv4: 16, ipv6: 32 } as const

class Branch<V> {
  readonly words: Uint32Array
  readonly length: number
  values: readonly V[]
  zero: Branch<V> | undefined
  one: Branch<V> | undefined

  constructor(words: Uint32Array, length: number, values: readonly V[]) {
    this.words = words
    this.length = length
    this.values = values
  }
}

type Node<V> = Branch<V> | undefined

/**
 * Values by prefix of addresses of one family: a binary trie without chains of single children (Patricia,
 * Morrison 1968), whose upper levels are a table. Finding every prefix of an address takes steps for the
 * branches on its way and no more, however many there are.
 */
export class PrefixTrie<V> {
  readonly #rootBits: number
  readonly #roots = new Map<number, Branch<V>>()
  #short: Node<V>
  #size = 0

  constructor(family: Network['family']) {
    this.#rootBits = rootBits[family]
  }

  get size(): number {
    return this.#size
  }

  add(network: Network, value: V): void {
    this.#replace(network, insert(this.#rootOf(network), network, value))
    this.#size += 1
  }

  /** Takes a value out that was added under this prefix; false when it is not there. */
  remove(network: Network, value: V): boolean {
    const root = this.#rootOf(network)
    const found = exact(root, network)
    if (!found?.values.includes(value)) return false
    found.values = found.values.filter((one) => one !== value)
    this.#replace(network, prune(root, network))
    this.#size -= 1
    return true
  }

  /** The values of each prefix that holds the address, from the shortest prefix to the longest. */
  find(words: Uint32Array): readonly (readonly V[])[] {
    const found: (readonly V[])[] = []
    if (this.#short) walk(this.#short, words, found)
    const root = this.#roots.get(this.#slot(words))
    if (root) walk(root, words, found)
    return found
  }

  #slot(words: Uint32Array): number {
    return (words[0] ?? 0) >>> (32 - this.#rootBits)
  }

  #rootOf({ length, words }: Network): Node<V> {
    return length < this.#rootBits ? this.#short : this.#roots.get(this.#slot(words))
  }

  #replace({ length, words }: Network, root: Node<V>): void {
    if (length < this.#rootBits) this.#short = root
    else if (root) this.#roots.set(this.#slot(words), root)
    else this.#roots.delete(this.#slot(words))
  }
}

/** Whether an address lies in a range of its family. */
export function liesIn({ length, words }: Network, address: Uint32Array): boolean {
  return words.length === address.length && commonBits(words, address, length) === length
}

function walk<V>(root: Branch<V>, words: Uint32Array, found: (readonly V[])[]): void {
  const bits = words.length * 32
  let node: Node<V> = root
  while (node && commonBits(node.words, words, node.length) === node.length) {
    if (node.values.length > 0) found.push(node.values)
    if (node.length === bits) return
    node = bitAt(words, node.length) === 0 ? node.zero : node.one
  }
}

function insert<V>(node: Node<V>, network: Network, value: V): Branch<V> {
  const { length, words } = network
  if (!node) return new Branch(words, length, [value])
  const common = commonBits(node.words, words, Math.min(node.length, length))
  if (common === node.length) {
    if (common === length) node.values = [...node.values, value]
    else setChild(node, words, insert(childOf(node, words), network, value))
    return node
  }
  const fork = new Branch<V>(words, common, common === length ? [value] : [])
  setChild(fork, node.words, node)
  if (common < length) setChild(fork, words, new Branch(words, length, [value]))
  return fork
}

function exact<V>(root: Node<V>, { length, words }: Network): Node<V> {
  let node = root
  while (node && node.length < length) node = childOf(node, words)
  const same = node?.length === length && commonBits(node.words, words, length) === length
  return same ? node : undefined
}

/** Takes branches without values out on the way to a prefix, so that what was removed takes no room. */
function prune<V>(node: Node<V>, network: Network): Node<V> {
  if (!node) return undefined
  if (node.length < network.length) {
    setChild(node, network.words, prune(childOf(node, network.words), network))
  }
  if (node.values.length > 0 || (node.zero && node.one)) return node
  return node.zero ?? node.one
}

function childOf<V>(node: Branch<V>, words: Uint32Array): Node<V> {
  return bitAt(words, node.length) === 0 ? node.zero : node.one
}

function setChild<V>(node: Branch<V>, words: Uint32Array, child: Node<V>): void {
  if (bitAt(words, node.length) === 0) node.zero = child
  else node.one = child
}

function bitAt(words: Uint32Array, at: number): number {
  return ((words[at >>> 5] ?? 0) >>> (31 - (at & 31))) & 1
}

/** How many leading bits two addresses share, at most `limit`. */
function commonBits(one: Uint32Array, other: Uint32Array, limit: number): number {
  for (let at = 0; at * 32 < limit; at++) {
    const difference = ((one[at] ?? 0) ^ (other[at] ?? 0)) >>> 0
    if (difference !== 0) return Math.min(limit, at * 32 + Math.clz32(difference))
  }
  return limit
}
