import { createHmac } from 'node:crypto'
import type { WebhookScheme } from './scheme.ts'
import { keyOf } from './secrets.ts'
import { contentOf } from './signature.ts'

/** A delivery to be signed as its provider would. */
export interface WebhookToSign {
  readonly secret: string
  readonly body: string | Uint8Array
  /** Epoch milliseconds. */
  readonly now: number
  /** Name of the delivery, for providers that write it into a header. */
  readonly id?: string
  readonly topic?: string
}

/**
 * The headers of a delivery as `scheme` signs it, lower-case names: for tests and for
 * `holdfast webhooks send`. Throws nothing.
 */
export function signWebhook(
  scheme: WebhookScheme,
  { body, id, now, secret, topic }: WebhookToSign,
): Readonly<Record<string, string>> {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body
  const timestamp = String(Math.floor(now / 1_000))
  const content = contentOf(bytes, scheme, { id, timestamp })
  const digest = createHmac(scheme.algorithm, keyOf(scheme, secret)).update(content).digest()
  const written = digest.toString(scheme.encoding)
  const { form, name, prefix } = scheme.signature
  return {
    'content-type': scheme.bodies.includes('json')
      ? 'application/json'
      : 'application/x-www-form-urlencoded',
    [name]: form === 'pairs' ? `t=${timestamp},${prefix}=${written}` : `${prefix}${written}`,
    ...(scheme.timestamp === undefined ? {} : { [scheme.timestamp]: timestamp }),
    ...(scheme.id === undefined || id === undefined ? {} : { [scheme.id]: id }),
    ...(scheme.topic === undefined || topic === undefined ? {} : { [scheme.topic]: topic }),
  }
}
