import type { PasskeyConfig } from '../config/index.ts'

/** The site that passkeys belong to, and what it asks of them. */
export interface Site extends PasskeyConfig {
  /** Shown by authenticators. */
  readonly name: string
  /** The one origin whose pages may ask, such as `https://app.example.com`. */
  readonly origin: string
  /** The host of that origin: passkeys made for it work nowhere else. */
  readonly rpId: string
}

/** The site at `baseUrl`; no header of a request has a say in it. */
export function siteAt(baseUrl: string, name: string, rules: PasskeyConfig): Site {
  const { hostname, origin } = new URL(baseUrl)
  return { name, origin, rpId: hostname, ...rules }
}
