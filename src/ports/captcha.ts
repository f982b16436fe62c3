/** A proof that somebody is human, or pays with work like one. */
export interface Captcha {
  /** Name of the provider, for clients: `altcha`, `turnstile`, `hcaptcha`, `recaptcha`. */
  readonly provider: string
  /** What a client needs to solve it, as JSON. A challenge names nobody and is bound to no account. */
  challenge(): Promise<Readonly<Record<string, unknown>>>
  /**
   * Whether `solution` solves a challenge of ours that nobody has used yet; using it up is part of the
   * answer. Resolves within two seconds, and never rejects for what a solution holds. While a third
   * party is away the answer is what `captcha.whenUnavailable` says.
   */
  verify(solution: string, context: { readonly ip?: string | undefined }): Promise<boolean>
}
