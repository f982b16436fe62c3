import type { Captcha, Clock, Logger } from '../ports/index.ts'
import { type ThirdPartyName, type ThirdPartyTraits, thirdParties } from './providers.ts'
import { askSiteverify, type SiteverifyReply } from './siteverify.ts'
import type { SpentChallenges } from './spent-challenges.ts'

/** Tokens of all three die within minutes at their provider; the memory outlasts them. */
const tokenLifeMs = 60 * 60_000
/** What their tokens are made of; nothing that a firewall before the provider could take offence at. */
const tokenShape = /^[\w.~+/=:-]{1,8192}$/
const toldEveryMs = 60_000

/** Codes that mean a wrong configuration of ours, so that nobody can solve anything. */
const ourFault: ReadonlySet<string> = new Set([
  'missing-input-secret',
  'invalid-input-secret',
  'sitekey-secret-mismatch',
  'invalid-keys',
])
/** Codes by which a provider says that it failed itself. */
const itsFault: ReadonlySet<string> = new Set(['internal-error'])

export interface ThirdPartyParts {
  readonly name: ThirdPartyName
  readonly siteKey: string
  /** Asked for with every question and kept nowhere else. */
  readonly secret: () => string
  /** Instead of the provider's own address. */
  readonly verifyUrl?: string | undefined
  readonly whenUnavailable: 'refuse' | 'allow'
  /** Host names of our pages; undefined where any will do. */
  readonly hosts: ReadonlySet<string> | undefined
  readonly spent: SpentChallenges
  readonly clock: Clock
  readonly logger: Logger
}

/** Turnstile, hCaptcha or reCAPTCHA: the browser asks them, and we ask whether it passed. */
export class ThirdParty implements Captcha {
  readonly provider: ThirdPartyName
  readonly #parts: ThirdPartyParts
  readonly #traits: ThirdPartyTraits
  readonly #toldAt = new Map<string, number>()

  constructor(parts: ThirdPartyParts) {
    this.provider = parts.name
    this.#parts = parts
    this.#traits = thirdParties[parts.name]
  }

  async challenge(): Promise<Readonly<Record<string, unknown>>> {
    return { provider: this.provider, siteKey: this.#parts.siteKey }
  }

  async verify(solution: string, context: { readonly ip?: string | undefined }): Promise<boolean> {
    const { clock, spent, whenUnavailable } = this.#parts
    if (!tokenShape.test(solution)) return false
    const used = { provider: this.provider, text: solution }
    if (await spent.has(used)) return false
    const verdict = this.#judge(await this.#ask(solution, context.ip))
    if (verdict === 'unavailable') return whenUnavailable === 'allow'
    if (verdict === 'refused') return false
    return spent.spend({ ...used, expiresAt: clock.now() + tokenLifeMs })
  }

  #ask(solution: string, ip: string | undefined): Promise<SiteverifyReply> {
    const { clock, secret, siteKey, verifyUrl } = this.#parts
    return askSiteverify({
      url: verifyUrl ?? this.#traits.verifyUrl,
      clock,
      fields: {
        secret: secret(),
        response: solution,
        ...(ip === undefined ? {} : { remoteip: ip }),
        ...(this.#traits.takesSiteKey ? { sitekey: siteKey } : {}),
      },
    })
  }

  #judge(reply: SiteverifyReply): 'passed' | 'refused' | 'unavailable' {
    if (reply.kind === 'unavailable') return this.#noteOutage(reply.why)
    const { codes, success } = reply
    const failure = codes.find((code) => itsFault.has(code))
    if (!success && failure !== undefined) return this.#noteOutage(failure)
    const fault = codes.find((code) => ourFault.has(code))
    if (fault !== undefined) this.#noteOurFault(fault)
    if (!success || codes.length > 0) return 'refused'
    return this.#isOurHost(reply.hostname) && this.#isEnough(reply.score) ? 'passed' : 'refused'
  }

  #isOurHost(hostname: string | undefined): boolean {
    const { hosts } = this.#parts
    if (!this.#traits.namesHost || !hosts) return true
    return hostname !== undefined && hosts.has(hostname.toLowerCase())
  }

  /** Only answers of score-based keys hold a score. */
  #isEnough(score: number | undefined): boolean {
    const { leastScore } = this.#traits
    return leastScore === undefined || score === undefined || score >= leastScore
  }

  #noteOutage(why: string): 'unavailable' {
    const { logger, whenUnavailable } = this.#parts
    this.#once('outage', () => {
      const fields = { provider: this.provider, whenUnavailable, why }
      logger.warn('the CAPTCHA provider cannot be asked', fields)
    })
    return 'unavailable'
  }

  #noteOurFault(answer: string): void {
    this.#once('fault', () => {
      const message =
        'the CAPTCHA provider refuses our keys: correct captcha.siteKey and its secret'
      this.#parts.logger.error(message, { provider: this.provider, answer })
    })
  }

  /** At most one line a minute of each kind, whoever fills the log. */
  #once(kind: string, tell: () => void): void {
    const now = this.#parts.clock.monotonic()
    const last = this.#toldAt.get(kind)
    if (last !== undefined && now - last < toldEveryMs) return
    this.#toldAt.set(kind, now)
    tell()
  }
}
