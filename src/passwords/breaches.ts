import { createHash } from 'node:crypto'
import type { Clock, Logger } from '../ports/index.ts'
import { type BreachRange, longestRange, parseBreachRange } from './breach-range.ts'
import { RangeCache } from './range-cache.ts'

/** Who knows passwords from breaches. */
export interface BreachList {
  /** Whether `password` is known from a breach; false when that cannot be found out. */
  isBreached(password: string): Promise<boolean>
  close(): void
}

export interface HibpOptions {
  /** Base address of the range API, without `/range`. */
  readonly url: string
  /** Longest wait for a whole answer. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
}

/** A range, or in one word why there is none. */
type Asked =
  | { readonly ok: true; readonly range: BreachRange }
  | { readonly ok: false; readonly reason: string }

/**
 * Have I Been Pwned by its range API, version 3. Only the first five of forty characters of the
 * password's SHA-1 leave the server, a prefix that it shares with some thousand known passwords
 * (k-anonymity), and padding hides from the network how long the answer is. SHA-1 is the key of that
 * list and protects nothing here. When the service is late, away or makes no sense, the answer is
 * `false`, the log says so, and the common-password filter, which was asked before, has decided.
 */
export class HibpBreaches implements BreachList {
  readonly #options: HibpOptions
  readonly #cache: RangeCache
  readonly #underWay = new Set<AbortController>()

  constructor(options: HibpOptions) {
    this.#options = options
    this.#cache = new RangeCache(options.clock)
  }

  /** Never rejects. Resolves within the time-out. */
  async isBreached(password: string): Promise<boolean> {
    const sha1 = createHash('sha1').update(password, 'utf8').digest('hex').toUpperCase()
    const range = await this.#rangeOf(sha1.slice(0, 5))
    return range?.has(sha1.slice(5)) ?? false
  }

  /** Gives up what is under way. */
  close(): void {
    for (const controller of this.#underWay) controller.abort()
  }

  async #rangeOf(prefix: string): Promise<BreachRange | undefined> {
    const kept = this.#cache.find(prefix)
    if (kept) return kept
    const asked = await this.#ask(prefix)
    if (asked.ok) {
      this.#cache.keep(prefix, asked.range)
      return asked.range
    }
    this.#options.logger.warn(
      'the breach service could not be asked; the common-password filter decided alone',
      { reason: asked.reason },
    )
    return undefined
  }

  /** One deadline for everything from the connection to the last byte. */
  async #ask(prefix: string): Promise<Asked> {
    const { clock, timeoutMs } = this.#options
    const controller = new AbortController()
    let isLate = false
    const timer = clock.after(timeoutMs, () => {
      isLate = true
      controller.abort()
    })
    this.#underWay.add(controller)
    try {
      return await this.#fetch(prefix, controller.signal)
    } catch {
      // The error's own text may hold the address, and with it the prefix.
      return { ok: false, reason: isLate ? 'timeout' : 'connection' }
    } finally {
      timer.cancel()
      this.#underWay.delete(controller)
    }
  }

  async #fetch(prefix: string, signal: AbortSignal): Promise<Asked> {
    const response = await fetch(`${this.#options.url.replace(/\/+$/, '')}/range/${prefix}`, {
      headers: { 'add-padding': 'true', accept: 'text/plain', 'user-agent': 'holdfast' },
      redirect: 'error',
      signal,
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      return { ok: false, reason: `status ${response.status}` }
    }
    const text = await readBounded(response)
    if (text === undefined) return { ok: false, reason: 'too long' }
    const range = parseBreachRange(text)
    return range ? { ok: true, range } : { ok: false, reason: 'not understood' }
  }
}

/** The text of a response, or undefined once it is longer than a range can be. */
async function readBounded(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > longestRange) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
