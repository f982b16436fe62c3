import { type Network, readNetwork } from '../http/index.ts'

/** What a rule says about the addresses in its range. */
export type IpRuleAction = 'allow' | 'deny'

/** What is asked of a new rule. */
export interface NewIpRule {
  readonly action: IpRuleAction
  /** An address or a CIDR range, `203.0.113.0/24` or `2001:db8::/32`. */
  readonly range: string
  /**
   * Where it holds: `all` (default), `admin` (the administration, and the app's routes marked by
   * `ipRules('admin')`), `auth` (accounts: sign-in, registration, recovery and their pages), or a path of
   * the app such as `/internal`, with everything below it.
   */
  readonly scope?: string | undefined
  /** Epoch milliseconds; absent: until it is removed. */
  readonly expiresAt?: number | undefined
}

/** A rule as it stands. Instants in epoch milliseconds. */
export interface IpRule {
  /** Null for a rule of the option `ipRules`, which code alone changes. */
  readonly id: string | null
  readonly action: IpRuleAction
  /** In its one spelling, with the length of the prefix. */
  readonly range: string
  readonly scope: string
  readonly reason: string | null
  /** Who made it: the id of an account, or the name of an operator; null for code. */
  readonly createdBy: string | null
  readonly createdAt: number
  readonly expiresAt: number | null
}

/** A rule with its range as numbers. */
export interface CompiledRule {
  readonly rule: IpRule
  readonly network: Network
}

/** A rule of the table; without a network where its range or its action cannot be read. */
export interface KnownRule {
  readonly rule: IpRule
  readonly network: Network | undefined
}

/** A rule read, or what is wrong with it: the member and why. */
export type ReadIpRule =
  | { readonly ok: true; readonly network: Network; readonly scope: string }
  | {
      readonly ok: false
      readonly member: 'range' | 'scope' | 'expiresAt'
      readonly problem: string
    }

const mostSegments = 8
const namedScopes: ReadonlySet<string> = new Set(['all', 'admin', 'auth'])

/** Reads what a new rule says, at `now`. */
export function readIpRule(
  { expiresAt, range, scope = 'all' }: NewIpRule,
  now: number,
): ReadIpRule {
  const read = readNetwork(range)
  if (!read.ok) return { ok: false, member: 'range', problem: read.problem }
  const place = readScope(scope)
  if (place === undefined) {
    const problem = `is neither 'all', 'admin', 'auth' nor a plain path of at most ${mostSegments} segments`
    return { ok: false, member: 'scope', problem }
  }
  if (expiresAt !== undefined && !(expiresAt > now)) {
    return { ok: false, member: 'expiresAt', problem: 'has passed already' }
  }
  return { ok: true, network: read.network, scope: place }
}

/** A scope in its one spelling, or undefined for what is none: paths in small letters, without a slash at the end. */
export function readScope(scope: string): string | undefined {
  if (namedScopes.has(scope)) return scope
  const path = scope.toLowerCase().replace(/\/$/, '')
  const plain = path.length <= 200 && /^(?:\/(?:[a-z0-9_~.-]*[a-z0-9_~-]))+$/.test(path)
  return plain && path.split('/').length <= mostSegments + 1 ? path : undefined
}
