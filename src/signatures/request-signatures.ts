import type { SecurityError } from '../errors/index.ts'
import { type Exchange, singleHeader } from '../http/index.ts'
import type { Clock, Logger } from '../ports/index.ts'
import type { ClientKeys } from './client-keys.ts'
import { signatureErrors } from './errors.ts'
import type { SignatureKey } from './keys.ts'
import type { SignedMessage } from './message.ts'
import type { SignatureNonces } from './nonces.ts'
import {
  findFault,
  isAuthentic,
  readSignature,
  type SignatureFault,
  type SignatureRules,
  type UnverifiedSignature,
} from './verify.ts'

/** Finds the key that a `keyid` names; undefined where there is none. */
export type SignatureKeyFinder = (
  keyId: string,
) => SignatureKey | undefined | Promise<SignatureKey | undefined>

/** What a route asks of the signature of its requests. */
export interface SignedOptions {
  /** Header fields and derived components that have to be covered beside method, target and body. */
  readonly components?: readonly string[]
  /** The value of the parameter `tag`; for servers whose proxies sign as well. */
  readonly tag?: string
  /** Where keys are looked up, in place of the option `signatures.keys` and the keys of sessions. */
  readonly keys?: SignatureKeyFinder
}

/** A signature that stands. */
export interface VerifiedSignature {
  readonly keyId: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** What it covers, such as `@method` and `content-digest`. */
  readonly components: readonly string[]
}

/** A signature that stands, or the refusal to answer with. */
export type SignatureVerdict =
  | { readonly ok: true; readonly signature: VerifiedSignature }
  | { readonly ok: false; readonly error: SecurityError }

export interface RequestSignatureParts {
  readonly nonces: SignatureNonces
  readonly clientKeys: ClientKeys
  /** Keys of programs, by id. */
  readonly keys: ReadonlyMap<string, SignatureKey>
  readonly windowMs: number
  /** Our own origin: what the Host header says counts only where `takesHost` agrees. */
  readonly baseUrl: URL
  readonly takesHost: (host: string) => boolean
  readonly bodyBytes: number
  readonly clock: Clock
  readonly logger: Logger
}

/** Verifies signed requests (RFC 9421): once each, for a short time, over what they do and carry. */
export class RequestSignatures {
  readonly #parts: RequestSignatureParts

  constructor(parts: RequestSignatureParts) {
    this.#parts = parts
  }

  /**
   * Verifies the signature of a request and uses up its nonce. Reads the body, which may have as many
   * bytes as bodies of JSON and forms. Throws what reading it throws; all else is a verdict.
   */
  async verify(exchange: Exchange, options: SignedOptions = {}): Promise<SignatureVerdict> {
    const rules: SignatureRules = {
      components: options.components ?? [],
      tag: options.tag,
      windowSeconds: this.#parts.windowMs / 1_000,
    }
    const fault = await this.#judge(exchange, rules, options.keys)
    if (typeof fault !== 'string') return { ok: true, signature: fault }
    const { requestId } = exchange
    this.#parts.logger.debug('a signed request was refused', { requestId, reason: fault })
    return { ok: false, error: refusal(fault, { exchange, rules }) }
  }

  async #judge(
    exchange: Exchange,
    rules: SignatureRules,
    finder: SignatureKeyFinder | undefined,
  ): Promise<SignatureFault | VerifiedSignature> {
    const message = this.#messageOf(exchange)
    const outcome = readSignature(message, rules)
    if (!outcome.ok) return outcome.fault
    const { read } = outcome
    const body = await exchange.readBody(this.#parts.bodyBytes)
    const received = { ...message, body, hasBody: announcesBody(exchange) }
    const fault = findFault(received, read, { nowMs: this.#parts.clock.now(), rules })
    if (fault) return fault
    const key = await (finder ?? this.#finder(exchange))(read.keyId)
    if (!key) return 'key'
    if (!isAuthentic(message, read, key)) return 'signature'
    return (await this.#spend(read)) ? verified(read) : 'replayed'
  }

  /** Last of all: only who holds a key can make the table grow. */
  #spend({ created, keyId, nonce }: UnverifiedSignature): Promise<boolean> {
    const { nonces, windowMs } = this.#parts
    return nonces.spend({ keyId, nonce, expiresAt: created * 1_000 + windowMs })
  }

  #finder({ state }: Exchange): SignatureKeyFinder {
    const { clientKeys, keys } = this.#parts
    return (keyId) => {
      const known = keys.get(keyId)
      const sessionId = state.auth?.sessionId
      return known ?? (sessionId ? clientKeys.find(sessionId, keyId) : undefined)
    }
  }

  #messageOf(exchange: Exchange): SignedMessage {
    const { baseUrl, takesHost } = this.#parts
    const { headers, method, path, query } = exchange
    const host = singleHeader(headers, 'host')?.toLowerCase()
    return {
      ...{ method, headers },
      target: query === '' ? path : `${path}?${query}`,
      scheme: baseUrl.protocol.slice(0, -1),
      authority: host !== undefined && takesHost(host) ? host : baseUrl.host,
    }
  }
}

function announcesBody({ headers }: Exchange): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

function verified({ covered, created, keyId }: UnverifiedSignature): VerifiedSignature {
  const components = covered.items.map(({ value }) => String(value))
  return Object.freeze({ keyId, createdAt: created * 1_000, components: Object.freeze(components) })
}

const codes = {
  missing: 'signature_required',
  expired: 'signature_expired',
  replayed: 'signature_replayed',
} as const

/** Which of the other faults it was is for the log: it would teach a forger alone. */
function refusal(
  fault: SignatureFault,
  { exchange, rules }: { readonly exchange: Exchange; readonly rules: SignatureRules },
): SecurityError {
  const code =
    fault === 'missing' || fault === 'expired' || fault === 'replayed'
      ? codes[fault]
      : 'signature_invalid'
  const withBody = announcesBody(exchange)
  const names = [
    ...new Set([
      '@method',
      '@target-uri',
      ...rules.components,
      ...(withBody ? ['content-digest'] : []),
    ]),
  ]
  const tag = rules.tag === undefined ? '' : `;tag="${rules.tag}"`
  const asked = `sig=(${names.map((name) => `"${name}"`).join(' ')});created${tag}`
  return signatureErrors[code]({
    headers: { 'accept-signature': asked, 'www-authenticate': 'Signature' },
  })
}
