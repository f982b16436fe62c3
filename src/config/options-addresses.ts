/**
 * Addresses that may reach the app, fixed by code. Rules at run time stand beside them; see
 * docs/guides/ip-rules.md. A list with entries closes its part to every other address.
 */
export interface IpRuleOptions {
  /** Addresses and CIDR ranges that alone may reach anything, such as `203.0.113.0/24`. */
  readonly allow?: readonly string[]
  /** Addresses and CIDR ranges that may reach nothing. Of two rules the longer prefix decides, `deny` where both are as long. */
  readonly deny?: readonly string[]
  /** Addresses and CIDR ranges that alone may reach the administration and the app's routes marked by `ipRules('admin')`. */
  readonly admin?: readonly string[]
}

/** How the path of a request is read. Whatever can be read in two ways is 400 `path_ambiguous`. */
export interface TargetOptions {
  /**
   * `%2F` in a path: `allow` where an app takes parameters with slashes. Some proxies and file systems
   * take it for `/`, so that they find another route than the guards did.
   */
  readonly encodedSlash?: 'refuse' | 'allow'
}
