import type { Network } from '../http/index.ts'

/** Prefixes at least this long are found by as many first bits; what is shorter is walked to from one root. */
const levels = { ipv4: [24, 16], ipv6: [48, 32] } as const

/** The branches below all prefixes of one length, by their bits. */
interface Level<V> {
  readonly bits: number
  readonly roots: Map<number, Branch<V>>
}

class Branch<V> {
  readonly words: readonly number[]
  readonly length: number
  values: readonly V[]
  zero: Branch<V> | undefined
  one: Branch<V> | undefined

  constructor(words: readonly number[], length: number, values: readonly V[]) {
    this.words = words
    this.length = length
    this.values = values
  }
}

type Node<V> = Branch<V> | undefined

/**
 * Values by prefix of addresses of one family: binary tries without chains of single children (Patricia,
 * Morrison 1968), under tables of the first bits. Finding every prefix of an address takes a look into each
 * table and the few branches on its way below, however many there are.
 */
export class PrefixTrie<V> {
  /** The longest first. */
  readonly #levels: readonly Level<V>[]
  #short: Node<V>
  #size = 0

  constructor(family: Network['family']) {
    this.#levels = levels[family].map((bits) => ({ bits, roots: new Map() }))
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
  find(words: readonly number[]): readonly (readonly V[])[] {
    if (this.#size === 0) return []
    const found: (readonly V[])[] = []
    if (this.#short) walk(this.#short, words, found)
    for (let at = this.#levels.length - 1; at >= 0; at--) {
      const { bits, roots } = this.#levels[at] as Level<V>
      const root = roots.size === 0 ? undefined : roots.get(firstBits(words, bits))
      if (root) walk(root, words, found)
    }
    return found
  }

  #levelOf({ length }: Network): Level<V> | undefined {
    return this.#levels.find(({ bits }) => length >= bits)
  }

  #rootOf(network: Network): Node<V> {
    const level = this.#levelOf(network)
    return level ? level.roots.get(firstBits(network.words, level.bits)) : this.#short
  }

  #replace(network: Network, root: Node<V>): void {
    const level = this.#levelOf(network)
    if (!level) {
      this.#short = root
      return
    }
    const slot = firstBits(network.words, level.bits)
    if (root) level.roots.set(slot, root)
    else level.roots.delete(slot)
  }
}

/** The first bits of an address as one number; at most 52 of them. */
function firstBits(words: readonly number[], bits: number): number {
  const high = words[0] ?? 0
  if (bits <= 32) return high >>> (32 - bits)
  return high * 2 ** (bits - 32) + ((words[1] ?? 0) >>> (64 - bits))
}

/** Whether an address lies in a range of its family. */
export function liesIn({ length, words }: Network, address: readonly number[]): boolean {
  return words.length === address.length && commonBits(words, address, length) === length
}

function walk<V>(root: Branch<V>, words: readonly number[], found: (readonly V[])[]): void {
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

function childOf<V>(node: Branch<V>, words: readonly number[]): Node<V> {
  return bitAt(words, node.length) === 0 ? node.zero : node.one
}

function setChild<V>(node: Branch<V>, words: readonly number[], child: Node<V>): void {
  if (bitAt(words, node.length) === 0) node.zero = child
  else node.one = child
}

function bitAt(words: readonly number[], at: number): number {
  return ((words[at >>> 5] ?? 0) >>> (31 - (at & 31))) & 1
}

/** How many leading bits two addresses share, at most `limit`. */
function commonBits(one: readonly number[], other: readonly number[], limit: number): number {
  for (let at = 0; at * 32 < limit; at++) {
    const difference = ((one[at] ?? 0) ^ (other[at] ?? 0)) >>> 0
    if (difference !== 0) return Math.min(limit, at * 32 + Math.clz32(difference))
  }
  return limit
}
