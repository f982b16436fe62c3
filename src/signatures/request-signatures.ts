import type { SecurityError } from '../errors/index.ts'
import { type Exchange, singleHeader } from '../http/index.ts'
import { BoundedLines, type Clock, type Logger } from '../ports/index.ts'
import type { ClientKeys } from './client-keys.ts'
import { signatureErrors } from './errors.ts'
import type { SignatureKey } from './keys.ts'
import type { SignedMessage } from './message.ts'
import type { SignatureNonces } from './nonces.ts'
import {
  bodyComponents,
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

/**
 * Whose keys count: `session` the key that the caller's own session has registered, `program` every key of
 * the option `signatures.keys`, a list the ones of those that it names, a function those that it finds.
 */
export type SignedBy = 'session' | 'program' | readonly string[] | SignatureKeyFinder

/** What a route asks of the signature of its requests. */
export interface SignedOptions {
  /** Whose keys count. A route that programs call takes no user's key, nor the other way round. */
  readonly by: SignedBy
  /** Header fields and derived components that have to be covered beside method, target and body. */
  readonly components?: readonly string[]
  /** The value of the parameter `tag`; for servers whose proxies sign as well. */
  readonly tag?: string
}

/** A signature that stands. */
export interface VerifiedSignature {
  readonly keyId: string
  /** Whose key it is: that of the caller's session, that of a program, or one that a function found. */
  readonly kind: 'session' | 'program' | 'custom'
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

interface Refused {
  readonly exchange: Exchange
  readonly rules: SignatureRules
  /** Absent where none could be read. */
  readonly keyId?: string
}

interface Judged {
  readonly by: SignedBy
  readonly message: SignedMessage
  readonly read: UnverifiedSignature
  readonly rules: SignatureRules
}

/** Verifies signed requests (RFC 9421): once each, for a short time, over what they do and carry. */
export class RequestSignatures {
  readonly #parts: RequestSignatureParts
  readonly #lines: BoundedLines

  constructor(parts: RequestSignatureParts) {
    this.#parts = parts
    this.#lines = new BoundedLines(parts.logger, parts.clock)
  }

  /**
   * Verifies the signature of a request and uses up its nonce. Reads the body, which may have as many
   * bytes as bodies of JSON and forms. Throws what reading it throws; all else is a verdict.
   */
  async verify(exchange: Exchange, options: SignedOptions): Promise<SignatureVerdict> {
    const rules: SignatureRules = {
      components: options.components ?? [],
      tag: options.tag,
      windowSeconds: this.#parts.windowMs / 1_000,
    }
    const message = this.#messageOf(exchange)
    const outcome = readSignature(message, rules)
    if (!outcome.ok) return this.#refuse(outcome.fault, { exchange, rules })
    const { read } = outcome
    const { by } = options
    const fault = await this.#judge(exchange, { by, message, read, rules })
    if (!fault) return { ok: true, signature: verified(read, by) }
    return this.#refuse(fault, { exchange, rules, keyId: read.keyId })
  }

  /** For who runs this or signs the log says more than the answer; of what was sent it has names alone. */
  #refuse(fault: SignatureFault, { exchange, keyId, rules }: Refused): SignatureVerdict {
    const { headers, method, path, requestId, state } = exchange
    const { authority, scheme } = this.#messageOf(exchange)
    const error = refusal(fault, { exchange, rules })
    const host = shown(singleHeader(headers, 'host'))
    this.#lines.info('a signed request was refused', {
      ...{ requestId, method, path, refusal: error.code, cause: causes[fault] },
      ...(keyId === undefined ? {} : { keyId: shown(keyId) }),
      ...(fault === 'signature' ? { expected: `${scheme}://${authority}`, host } : {}),
      ip: state.client?.ip,
    })
    return { ok: false, error }
  }

  async #judge(
    exchange: Exchange,
    { by, message, read, rules }: Judged,
  ): Promise<SignatureFault | undefined> {
    const body = await exchange.readBody(this.#parts.bodyBytes)
    const received = { ...message, body, hasBody: announcesBody(exchange) }
    const fault = findFault(received, read, { nowMs: this.#parts.clock.now(), rules })
    if (fault) return fault
    const key = await this.#findKey(exchange, by, read.keyId)
    if (!key) return 'key'
    if (!isAuthentic(message, read, key)) return 'signature'
    return (await this.#spend(read)) ? undefined : 'replayed'
  }

  /** Last of all: only who holds a key can make the table grow. */
  #spend({ created, keyId, nonce }: UnverifiedSignature): Promise<boolean> {
    const { nonces, windowMs } = this.#parts
    return nonces.spend({ keyId, nonce, expiresAt: created * 1_000 + windowMs })
  }

  /** Never looks among keys of another kind: what one may sign says nothing of the other. */
  async #findKey(
    { state }: Exchange,
    by: SignedBy,
    keyId: string,
  ): Promise<SignatureKey | undefined> {
    const { clientKeys, keys } = this.#parts
    if (typeof by === 'function') return by(keyId)
    if (by === 'session') {
      const sessionId = state.auth?.sessionId
      return sessionId ? clientKeys.find(sessionId, keyId) : undefined
    }
    return by === 'program' || by.includes(keyId) ? keys.get(keyId) : undefined
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

function verified(
  { covered, created, keyId }: UnverifiedSignature,
  by: SignedBy,
): VerifiedSignature {
  const components = Object.freeze(covered.items.map(({ value }) => String(value)))
  const kind = typeof by === 'function' ? 'custom' : by === 'session' ? 'session' : 'program'
  return Object.freeze({ keyId, kind, createdAt: created * 1_000, components })
}

const causes: Readonly<Record<SignatureFault, string>> = {
  missing: 'it has no signature, or none with the tag of the route',
  malformed: 'Signature-Input and Signature cannot be read, or lack created, nonce or keyid',
  incomplete: 'it covers less than Accept-Signature of the answer names',
  digest: 'Content-Digest is not that of the body',
  key: 'keyid names no key that counts on this route',
  signature:
    'the key has not signed this: it was signed by another key, for another address, or changed',
  expired: 'it was signed too long ago, or ahead of the clock of this server',
  replayed: 'its nonce was used before',
}

/** A name as it was sent, where it is one. */
function shown(name: string | undefined): string {
  return name !== undefined && /^[\w.:[\]-]{1,100}$/.test(name) ? name : '(unusual name)'
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
  const names = [
    ...new Set([
      '@method',
      '@target-uri',
      ...rules.components,
      ...(announcesBody(exchange) ? bodyComponents(exchange.headers) : []),
    ]),
  ]
  const tag = rules.tag === undefined ? '' : `;tag="${rules.tag}"`
  const asked = `sig=(${names.map((name) => `"${name}"`).join(' ')});created${tag}`
  return signatureErrors[code]({
    headers: { 'accept-signature': asked, 'www-authenticate': 'Signature' },
  })
}
