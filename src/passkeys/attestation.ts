import { algorithmOf, type CoseKey } from './public-key.ts'
import type { Site } from './site.ts'

/** What an authenticator says it is, and how it proves it (section 6.5). */
export interface Attestation {
  readonly format: unknown
  /** Whether a key of the manufacturer signs, not the new one alone. */
  readonly certified: boolean
}

/**
 * Formats for which the library follows no certificate to a root. For `android-key` and `apple` it
 * does, and on the way fetches the revocation lists that the certificates name: of `android-key` from
 * any address that a caller writes into a chain of their own. No look at the certificates before it is
 * sure to read them as the library does, so these are refused whole, as is SafetyNet, which is
 * switched off. Phones whose passkeys are synced say `none` instead.
 */
const verifiable: readonly unknown[] = ['none', 'packed', 'tpm', 'fido-u2f']

/**
 * Whether an attestation is one that the site looks at. Without a policy that is none, or the
 * signature by the new key itself that browsers leave in. No certificate makes this server fetch.
 */
export function isAcceptable(site: Site, { certified, format }: Attestation): boolean {
  if (site.attestation === 'none') return format === 'none' || (format === 'packed' && !certified)
  if (!verifiable.includes(format)) return false
  return certified || site.models.length === 0
}

/** Whether the model is one of those that may be registered. */
export function isAcceptableModel({ models }: Site, aaguid: string): boolean {
  return models.length === 0 || models.includes(aaguid)
}

/** A new key that signs for itself signs by its own algorithm (section 8.2); the library does not look. */
export function isSignedAsSaid(
  { certified, format }: Attestation,
  algorithm: unknown,
  key: CoseKey,
): boolean {
  return format !== 'packed' || certified || algorithm === algorithmOf(key)
}
