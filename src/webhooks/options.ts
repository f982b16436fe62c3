import { type Duration, parseDuration, parseSize, type Size } from '../config/index.ts'
import { webhookErrors } from './errors.ts'
import { isTimed, type WebhookScheme } from './scheme.ts'
import { webhookKeys } from './secrets.ts'

/** How deliveries of one provider are taken. */
export interface WebhookOptions {
  /**
   * The secret that the provider signs with; while it is being changed, the new one and the old one. At
   * least 16 bytes that are no example; a missing one throws where the route is written.
   */
  readonly secrets: readonly (string | undefined)[]
  /**
   * Tells this webhook from others of the same provider, and has to stay the same from release to release:
   * what waits in the database is handed to the webhook of this name. Default the name of the provider.
   */
  readonly name?: string
  /**
   * `queue`: a verified delivery is written to the database and answered 200 at once; the handler runs
   * afterwards, on one node, until it has succeeded. `inline`: it is only verified. Default `queue`.
   */
  readonly mode?: 'queue' | 'inline'
  /** Topics that the handler is for. Others are answered 200 and forgotten. Default all. */
  readonly topics?: readonly string[]
  /** Longest body, at most 8 MB. Default 1 MB. */
  readonly maxBytes?: Size
  /** How far the instant of the signature may lie from now, where the provider signs one. Default 5 minutes. */
  readonly window?: Duration
  /**
   * How long a delivery is remembered, so that it is handled once; at least 7 days. Default 7 days, and 30
   * where the provider signs no instant, since then nothing else tells an old delivery from a new one.
   */
  readonly keep?: Duration
  /** Attempts of the handler before a delivery is given up, 1 to 50. Default 12, which takes about 3 hours. */
  readonly attempts?: number
  /** Longest run of the handler, at most 100 seconds. Default 30 seconds. */
  readonly timeout?: Duration
}

/** Checked options of a webhook. */
export interface WebhookSettings {
  readonly name: string
  readonly scheme: WebhookScheme
  readonly keys: readonly Uint8Array[]
  readonly topics: ReadonlySet<string> | undefined
  readonly maxBytes: number
  readonly windowMs: number
  readonly keepMs: number
  readonly attempts: number
  readonly timeoutMs: number
}

const day = 86_400_000
const mostBytes = 8 * 1_048_576
const known = new Set([
  ...['secrets', 'name', 'mode', 'topics', 'maxBytes', 'window', 'keep', 'attempts', 'timeout'],
])

/** Throws `webhook_invalid`, whose message says what to write instead. */
export function webhookSettings(scheme: WebhookScheme, options: WebhookOptions): WebhookSettings {
  const { attempts = 12, name = scheme.name, topics } = options
  const fail = (fault: string): never => {
    throw webhookErrors.webhook_invalid({ explanation: `webhook '${name}': ${fault}` })
  }
  const unknown = Object.keys(options).find((key) => !known.has(key))
  if (unknown !== undefined)
    fail(`there is no option ${unknown}; there are ${[...known].join(', ')}`)
  if (!/^[a-z][a-z0-9_-]{0,63}$/.test(name)) fail('name is a word in a-z, 0-9, - and _')
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 50) fail('attempts is 1 to 50')
  const within = (
    option: 'window' | 'keep' | 'timeout',
    from: number,
    to: number,
    usual: number,
  ) => {
    const written = options[option]
    const ms = written === undefined ? usual : parseDuration(written)
    if (ms !== undefined && ms >= from && ms <= to) return ms
    return fail(`${option} is a duration such as '5m', from ${from / 1_000} s to ${to / 1_000} s`)
  }
  const maxBytes = parseSize(options.maxBytes ?? '1mb') ?? 0
  if (maxBytes < 1 || maxBytes > mostBytes) fail("maxBytes is a size such as '1mb', at most '8mb'")
  return Object.freeze({
    ...{ name, scheme, attempts, maxBytes },
    keys: webhookKeys(scheme, options.secrets),
    topics: topics && new Set(topics),
    windowMs: within('window', 1_000, day, 300_000),
    keepMs: within('keep', 7 * day, 400 * day, (isTimed(scheme) ? 7 : 30) * day),
    timeoutMs: within('timeout', 10, 100_000, 30_000),
  })
}
