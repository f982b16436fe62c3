import type { ThirdPartyName } from './providers.ts'

/** How a page shows the widget of a third party, by its documentation. */
export interface CaptchaWidget {
  /** Loader, for `<script src async defer nonce>` behind our own script. */
  readonly script: string
  /** Class of the element that it fills. */
  readonly className: string
  /** Its attributes besides `data-sitekey`; the functions they name are defined by `captchaScript`. */
  readonly attributes: Readonly<Record<string, string>>
  /** What Content-Security-Policy must allow besides the nonce of the loader. */
  readonly contentSources: Readonly<Record<string, readonly string[] | false>>
}

const attributes = Object.freeze({
  'data-callback': 'holdfastCaptcha',
  'data-expired-callback': 'holdfastCaptchaEnd',
  'data-error-callback': 'holdfastCaptchaError',
})

/**
 * The widgets. All three write addresses of scripts as plain text or may do so tomorrow, so Trusted
 * Types are off on pages that show them; `strict-dynamic` lets the loader load the rest.
 */
export const captchaWidgets: Readonly<Record<ThirdPartyName, CaptchaWidget>> = Object.freeze({
  turnstile: {
    script: 'https://challenges.cloudflare.com/turnstile/v0/api.js',
    className: 'cf-turnstile',
    attributes,
    contentSources: {
      'frame-src': ['https://challenges.cloudflare.com'],
      'require-trusted-types-for': false,
    },
  },
  hcaptcha: {
    script: 'https://js.hcaptcha.com/1/api.js',
    className: 'h-captcha',
    attributes,
    contentSources: {
      'frame-src': ['https://hcaptcha.com', 'https://*.hcaptcha.com'],
      'connect-src': ["'self'", 'https://hcaptcha.com', 'https://*.hcaptcha.com'],
      'style-src': ["'self'", "'nonce'", 'https://hcaptcha.com', 'https://*.hcaptcha.com'],
      'require-trusted-types-for': false,
    },
  },
  recaptcha: {
    script: 'https://www.google.com/recaptcha/api.js',
    className: 'g-recaptcha',
    attributes,
    contentSources: {
      'frame-src': ['https://www.google.com/recaptcha/', 'https://recaptcha.google.com/recaptcha/'],
      'require-trusted-types-for': false,
    },
  },
})
