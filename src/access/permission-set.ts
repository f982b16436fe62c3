import { patternCovers, patternReaches, patternsMeet } from './permission.ts'

const memoLimit = 512

/**
 * The permissions of one caller, compiled once: literals are a set, wildcards a short list whose
 * answers are remembered. A deny always wins over an allow.
 */
export class PermissionSet {
  readonly patterns: readonly string[]
  readonly denied: readonly string[]
  readonly #literal: ReadonlySet<string>
  readonly #memo = new Map<string, boolean>()

  constructor(patterns: Iterable<string>, denied: Iterable<string> = []) {
    this.patterns = Object.freeze([...new Set(patterns)].sort())
    this.denied = Object.freeze([...new Set(denied)].sort())
    const open = this.denied.length === 0
    this.#literal = new Set(open ? this.patterns.filter((pattern) => !pattern.includes('*')) : [])
  }

  has(permission: string): boolean {
    if (this.#literal.has(permission)) return true
    const known = this.#memo.get(permission)
    if (known !== undefined) return known
    const verdict = this.#decide(permission)
    if (this.#memo.size < memoLimit) this.#memo.set(permission, verdict)
    return verdict
  }

  /** True when the holder may hand out `pattern`: it lies within one of hers and meets no denial. */
  covers(pattern: string): boolean {
    if (this.denied.some((deny) => patternsMeet(deny, pattern))) return false
    return this.patterns.some((held) => patternCovers(held, pattern))
  }

  #decide(permission: string): boolean {
    if (this.denied.some((pattern) => patternReaches(pattern, permission))) return false
    return this.patterns.some((pattern) => patternReaches(pattern, permission))
  }
}
