/** A header, in lower case, and how a value stands in it. */
export interface SignatureHeader {
  readonly name: string
  /**
   * `single`: one signature behind `prefix`. `list`: several between spaces, each behind `prefix`.
   * `pairs`: `t=<seconds>,<prefix>=<signature>,...`, with the timestamp in the same header.
   */
  readonly form: 'single' | 'list' | 'pairs'
  /** What stands before a signature that counts; signatures behind other words are passed over. */
  readonly prefix: string
}

/** Digest of the HMAC. SHA-1 is broken for other uses and not offered. */
export type WebhookAlgorithm = 'sha256' | 'sha512'

/** How a signature is written. */
export type WebhookEncoding = 'hex' | 'base64'

/** A kind of body that a provider sends. */
export type WebhookBody = 'json' | 'form'

/** How one provider signs and names its deliveries, as data. Header names in lower case. */
export interface WebhookScheme {
  /** A word in a-z, 0-9, `-` and `_`. */
  readonly name: string
  readonly signature: SignatureHeader
  readonly algorithm: WebhookAlgorithm
  readonly encoding: WebhookEncoding
  /** What is signed: text in which `{id}`, `{timestamp}` and `{body}` stand for those of the delivery. */
  readonly content: string
  /** `text`: the bytes of the secret as written. `base64`: those that it encodes, behind `whsec_` or not. */
  readonly secret: 'text' | 'base64'
  /** Header with the instant of the signature, in Unix seconds; form `pairs` has its own. */
  readonly timestamp?: string
  /** Header that names the delivery. */
  readonly id?: string
  /** Header that tells what the delivery is about. */
  readonly topic?: string
  /** Members of the payload that name the delivery and its topic, for providers that write them there. */
  readonly payloadId?: string
  readonly payloadTopic?: string
  /** Further headers that handlers are given. They are not signed. */
  readonly told: readonly string[]
  readonly bodies: readonly WebhookBody[]
  /** The answer to the provider's question whether this address is yours, out of a verified payload. */
  readonly challenge?: (payload: unknown) => string | undefined
}

/** Whether an id that stands in a header is covered by the signature; if not, a replay may carry another one. */
export function isHeaderIdSigned({ content }: WebhookScheme): boolean {
  return content.includes('{id}')
}

/** Whether deliveries of this scheme carry the instant of their signature. */
export function isTimed({ content }: WebhookScheme): boolean {
  return content.includes('{timestamp}')
}
