/** Whether a control refuses, only counts what it would refuse, or does nothing. */
export type ControlMode = 'off' | 'shadow' | 'on'

/** Controls that can be put in shadow, to see what they would refuse before they do. */
export type ShieldControl = keyof ShieldOptions | 'detection'

/** Modes of the shield's controls. Each is `on`; `shadow` lets pass and counts, see `holdfast shield report`. */
export interface ShieldOptions {
  /** Addresses that are denied, or not allowed. */
  readonly ipRules?: ControlMode
  /** Plain HTTP where `baseUrl` is HTTPS. */
  readonly https?: ControlMode
  /** Requests that are too large, or whose path cannot be read in one way. */
  readonly size?: ControlMode
  /** Quotas of clients, accounts and keys. Limits of failed proofs always hold. */
  readonly limits?: ControlMode
  /** Requests that another site made a browser send. */
  readonly csrf?: ControlMode
  /** Bodies, queries, parameters and headers that fit no schema of `validate` and `rules`. */
  readonly validation?: ControlMode
  /** Permissions of the app's own routes, for people who are signed in; nobody becomes somebody by it. */
  readonly access?: ControlMode
}
