import { PermissionSet } from './permission-set.ts'
import type { HeldRule, Permissions, RulesFor } from './permissions.ts'

const nothing: RulesFor = Object.freeze({ allow: Object.freeze([]), deny: Object.freeze([]) })

/** What both the holder and these scopes allow: an API key never does more than either. */
export function narrow(permissions: Permissions, scopes: readonly string[]): Permissions {
  return new NarrowedPermissions(permissions, new PermissionSet(scopes))
}

class NarrowedPermissions implements Permissions {
  readonly #held: Permissions
  readonly #scopes: PermissionSet

  constructor(held: Permissions, scopes: PermissionSet) {
    this.#held = held
    this.#scopes = scopes
  }

  get patterns(): readonly string[] {
    return this.#scopes.patterns
  }

  get denied(): readonly string[] {
    return this.#held.denied
  }

  get rules(): readonly HeldRule[] {
    return this.#held.rules
  }

  has(permission: string): boolean {
    return this.#scopes.has(permission) && this.#held.has(permission)
  }

  some(permission: string): boolean {
    return this.#scopes.has(permission) && this.#held.some(permission)
  }

  rulesFor(permission: string): RulesFor {
    return this.#scopes.has(permission) ? this.#held.rulesFor(permission) : nothing
  }

  reaching(permission: string): readonly HeldRule[] {
    return this.#held.reaching(permission)
  }

  inScope(permission: string): boolean {
    return this.#scopes.has(permission) && this.#held.inScope(permission)
  }

  covers(pattern: string): boolean {
    return this.#scopes.covers(pattern) && this.#held.covers(pattern)
  }

  coversAll(other: Permissions): boolean {
    const patterns = other.rules.map(({ pattern }) => pattern)
    return patterns.every((one) => this.#scopes.covers(one)) && this.#held.coversAll(other)
  }

  lends(scope: string): boolean {
    return this.#scopes.covers(scope) && this.#held.lends(scope)
  }
}
