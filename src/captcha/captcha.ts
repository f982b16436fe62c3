import type { Captcha, Clock, Logger, Random } from '../ports/index.ts'
import { Altcha } from './altcha.ts'
import type { ThirdPartyName } from './providers.ts'
import type { SpentChallenges } from './spent-challenges.ts'
import { ThirdParty } from './third-party.ts'

/** The options `captcha.*`, checked: third parties have both keys. */
export interface CaptchaSettings {
  readonly provider: 'altcha' | ThirdPartyName | 'none'
  readonly siteKey?: string
  readonly secret?: { reveal(): string }
  readonly verifyUrl?: string
  readonly whenUnavailable: 'refuse' | 'allow'
  readonly work: number
}

export interface CaptchaParts {
  readonly settings: CaptchaSettings
  /** 32 bytes that sign our own challenges, the same on every node. */
  readonly key: Uint8Array
  /** Host names of the pages that show a widget; undefined where any will do. */
  readonly hosts: ReadonlySet<string> | undefined
  readonly spent: SpentChallenges
  readonly clock: Clock
  readonly logger: Logger
  readonly random: Random
}

/** The CAPTCHA of a configuration, or undefined where none is asked for. */
export function createCaptcha(parts: CaptchaParts): Captcha | undefined {
  const { provider, secret, siteKey, verifyUrl, whenUnavailable, work } = parts.settings
  if (provider === 'none') return undefined
  if (provider === 'altcha') return new Altcha({ ...parts, work })
  if (siteKey === undefined || secret === undefined) throw new TypeError('Keys are missing.')
  const keys = { siteKey, secret: () => secret.reveal() }
  return new ThirdParty({ ...parts, ...keys, name: provider, verifyUrl, whenUnavailable })
}

/**
 * Host names whose pages may show a widget: those of `baseUrl` and of the origins that may call us.
 * On localhost any will do, because the providers' test keys answer with names of their own.
 */
export function widgetHosts(
  baseUrl: string,
  origins: readonly string[],
): ReadonlySet<string> | undefined {
  const own = new URL(baseUrl).hostname
  if (own === 'localhost' || own === '127.0.0.1' || own === '[::1]') return undefined
  return new Set([own, ...origins.map((origin) => new URL(origin).hostname)])
}
