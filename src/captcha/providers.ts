/** The third parties whose protocol is spoken here. */
export type ThirdPartyName = 'turnstile' | 'hcaptcha' | 'recaptcha'

/** What differs between them. */
export interface ThirdPartyTraits {
  /** Where it checks solutions, by its documentation. */
  readonly verifyUrl: string
  /** The answer names the host on which the solution was made, and it may be relied on. */
  readonly namesHost: boolean
  /** It takes the site key too and refuses solutions that were made for another. */
  readonly takesSiteKey: boolean
  /** Least `score` of an answer that holds one; 1 is a person. */
  readonly leastScore?: number
}

/**
 * Turnstile: developers.cloudflare.com/turnstile/get-started/server-side-validation. hCaptcha:
 * docs.hcaptcha.com, which says that its host name must not be used to decide anything. reCAPTCHA:
 * developers.google.com/recaptcha/docs/verify, and docs/v3, which suggests 0.5.
 */
export const thirdParties: Readonly<Record<ThirdPartyName, ThirdPartyTraits>> = Object.freeze({
  turnstile: {
    verifyUrl: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
    namesHost: true,
    takesSiteKey: false,
  },
  hcaptcha: {
    verifyUrl: 'https://api.hcaptcha.com/siteverify',
    namesHost: false,
    takesSiteKey: true,
  },
  recaptcha: {
    verifyUrl: 'https://www.google.com/recaptcha/api/siteverify',
    namesHost: true,
    takesSiteKey: false,
    leastScore: 0.5,
  },
})
