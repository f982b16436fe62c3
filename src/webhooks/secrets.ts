import { webhookErrors } from './errors.ts'
import type { WebhookScheme } from './scheme.ts'

/** Two are enough to change a secret; one more for a change that overtakes another. */
const mostSecrets = 3
const fewestBytes = 16
const exampleWords =
  /change.?me|example|your.?(secret|key)|placeholder|password|default|^(whsec_)?(test|secret)/i

/**
 * The keys of a provider, in the order given: the new one first, then the one it replaces. Throws
 * `webhook_invalid` for none, for more than three, and for one that could be guessed; its message never
 * repeats a secret.
 */
export function webhookKeys(
  scheme: WebhookScheme,
  secrets: readonly (string | undefined)[],
): readonly Uint8Array[] {
  if (secrets.length === 0 || secrets.length > mostSecrets) {
    throw invalid(scheme, `secrets is a list of one to ${mostSecrets}: [new, old]`)
  }
  return secrets.map((secret, at) => {
    const fault = faultOf(scheme, secret)
    if (fault !== undefined) throw invalid(scheme, `secrets[${at}] ${fault}`)
    return keyOf(scheme, secret ?? '')
  })
}

/** The bytes that sign. */
export function keyOf({ secret: form }: WebhookScheme, secret: string): Uint8Array {
  if (form === 'text') return Buffer.from(secret, 'utf8')
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
}

function faultOf(scheme: WebhookScheme, written: unknown): string | undefined {
  if (typeof written !== 'string' || written === '') {
    return 'is missing: is the environment variable it comes from set?'
  }
  if (written !== written.trim()) return 'has spaces or a line end around it'
  if (exampleWords.test(written)) return 'is a known example'
  if (scheme.secret === 'base64' && !/^(whsec_)?[A-Za-z0-9+/]+={0,2}$/.test(written)) {
    return 'is not base64, as this provider writes its secrets'
  }
  const bytes = keyOf(scheme, written)
  if (bytes.byteLength < fewestBytes) {
    return `is too short: ${bytes.byteLength} bytes, and ${fewestBytes} are needed`
  }
  return new Set(bytes).size < fewestBytes / 2 ? 'follows a pattern' : undefined
}

function invalid({ name }: WebhookScheme, fault: string): Error {
  return webhookErrors.webhook_invalid({ explanation: `webhook '${name}': ${fault}` })
}
