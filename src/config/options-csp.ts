/** Changes to the Content-Security-Policy. */
export interface CspOptions {
  /** Sources by directive. One given here replaces that directive alone; `false` removes it. */
  readonly directives?: Readonly<Record<string, readonly string[] | false>>
  /** Report instead of enforce. Nothing is blocked then; `candidate` tries a policy without giving up another. */
  readonly reportOnly?: boolean
  /** A stricter policy that is tried out: browsers report what it would block, while the other one goes on to hold. */
  readonly candidate?: CspCandidateOptions
  /** Whether browsers report violations to Holdfast, which counts them for `holdfast csp report` and `holdfast csp suggest`. */
  readonly reports?: boolean
  /** An address of your own that violations are reported to instead. */
  readonly reportUri?: string
}

/** A Content-Security-Policy on trial. */
export interface CspCandidateOptions {
  /** Changes to Holdfast's own policy, written like those of `directives`; what stands there does not count here. */
  readonly directives?: Readonly<Record<string, readonly string[] | false>>
}
