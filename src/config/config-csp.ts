/** Changes to the default policy, which belongs to the headers step. */
export type CspDirectiveChanges = Readonly<Record<string, readonly string[] | false>>

/** Content Security Policy. */
export interface CspConfig {
  readonly directives: CspDirectiveChanges
  readonly reportOnly: boolean
  /** A policy on trial, beside the enforced one. */
  readonly candidate?: CspCandidateConfig
  /** Whether Holdfast takes reports. */
  readonly reports: boolean
  /** Where reports go instead. */
  readonly reportUri?: string
}

/** A policy on trial. */
export interface CspCandidateConfig {
  readonly directives: CspDirectiveChanges
}
