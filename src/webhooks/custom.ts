import { webhookErrors } from './errors.ts'
import { webhookProviders } from './providers.ts'
import type { WebhookAlgorithm, WebhookBody, WebhookEncoding, WebhookScheme } from './scheme.ts'

/** A provider that is not known by name, as its own documentation describes it. */
export interface CustomWebhook {
  /** How it is called in the record and in the list of deliveries: a-z, 0-9, `-` and `_`. */
  readonly name: string
  /** Header that carries the signature. */
  readonly header: string
  /** What stands before the signature in that header, such as `sha256=`. Default nothing. */
  readonly prefix?: string
  readonly algorithm?: WebhookAlgorithm
  readonly encoding: WebhookEncoding
  /**
   * What is signed: text in which `{id}`, `{timestamp}` and `{body}` stand for those of the delivery.
   * Default `{body}`, and `{timestamp}.{body}` where `timestamp` is given.
   */
  readonly content?: string
  /** `base64` where the provider's documentation says to decode the secret first. Default `text`. */
  readonly secret?: 'text' | 'base64'
  /** Header with the instant of the signature in Unix seconds. It has to be part of `content`. */
  readonly timestamp?: string
  /** Header that names the delivery; retries carry the same. */
  readonly id?: string
  /** Header that tells what the delivery is about. */
  readonly topic?: string
  /** Members of a JSON payload that name the delivery, and its topic. */
  readonly payloadId?: string
  readonly payloadTopic?: string
  /** Further headers that handlers are given. */
  readonly told?: readonly string[]
  /** Default JSON alone. */
  readonly bodies?: readonly WebhookBody[]
}

const wordShape = /^[a-z][a-z0-9_-]{0,31}$/
const headerShape = /^[a-z0-9][a-z0-9-]{0,63}$/

/**
 * Describes a provider by its HMAC. Throws `webhook_invalid`, whose message says what is wrong, for a
 * description by which nothing could be verified: no body in what is signed, or an instant that is not.
 */
export function customWebhook(described: CustomWebhook): WebhookScheme {
  const { header, prefix = '', name, timestamp } = described
  const scheme: WebhookScheme = {
    name,
    signature: { name: header.toLowerCase(), form: 'single', prefix },
    algorithm: described.algorithm ?? 'sha256',
    encoding: described.encoding,
    content: described.content ?? (timestamp === undefined ? '{body}' : '{timestamp}.{body}'),
    secret: described.secret ?? 'text',
    bodies: described.bodies ?? ['json'],
    told: (described.told ?? []).map((one) => one.toLowerCase()),
    ...lowerCase('timestamp', timestamp),
    ...lowerCase('id', described.id),
    ...lowerCase('topic', described.topic),
    ...(described.payloadId === undefined ? {} : { payloadId: described.payloadId }),
    ...(described.payloadTopic === undefined ? {} : { payloadTopic: described.payloadTopic }),
  }
  const fault = faultOf(scheme)
  if (fault === undefined) return Object.freeze(scheme)
  throw webhookErrors.webhook_invalid({ explanation: `customWebhook('${name}'): ${fault}` })
}

function lowerCase<K extends string>(key: K, header: string | undefined): { [P in K]?: string } {
  return (header === undefined ? {} : { [key]: header.toLowerCase() }) as { [P in K]?: string }
}

function faultOf(scheme: WebhookScheme): string | undefined {
  const { algorithm, bodies, content, encoding, id, name, signature, timestamp, told, topic } =
    scheme
  if (!wordShape.test(name)) return 'name is a word in a-z, 0-9, - and _'
  if (Object.hasOwn(webhookProviders, name)) return 'a provider of this name is known already'
  const headers = [signature.name, timestamp, id, topic, ...told]
  if (headers.some((one) => one !== undefined && !headerShape.test(one))) {
    return 'headers are names such as x-signature'
  }
  if (!['sha256', 'sha512'].includes(algorithm)) return "algorithm is 'sha256' or 'sha512'"
  if (!['hex', 'base64'].includes(encoding)) return "encoding is 'hex' or 'base64'"
  if (bodies.length === 0) return "bodies is ['json'], ['form'] or both"
  if (!content.includes('{body}')) return 'content lacks {body}: nothing would protect it'
  if (content.includes('{timestamp}') !== (timestamp !== undefined)) {
    return 'timestamp names a header exactly where content holds {timestamp}: else it could be changed'
  }
  if (content.includes('{id}') && id === undefined)
    return 'content holds {id}, and id names no header'
  return undefined
}
