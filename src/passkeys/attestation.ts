import type { Site } from './site.ts'

/** What an authenticator says it is, and how it proves it (section 6.5). */
export interface Attestation {
  readonly format: unknown
  /** Whether a key of the manufacturer signs, not the new one alone. */
  readonly certified: boolean
  readonly bytes: Buffer
}

/** SafetyNet is switched off, and the others that are missing here nobody verifies. */
const verifiable: readonly unknown[] = ['none', 'packed', 'tpm', 'apple', 'android-key', 'fido-u2f']

/** Formats whose roots the library brings, so that it would fetch what their certificates name. */
const fetching: readonly unknown[] = ['apple', 'android-key']

/** `id-ce-cRLDistributionPoints` (RFC 5280 section 4.2.1.13), as it stands in a certificate. */
const revocationLists = Buffer.from('0603551d1f', 'hex')

/**
 * Whether an attestation is one that the site looks at. Without a policy that is none, or the
 * signature by the new key itself that browsers leave in. A certificate that names revocation lists is
 * refused where verifying it would make this server fetch an address that a caller chose.
 */
export function isAcceptable(site: Site, { bytes, certified, format }: Attestation): boolean {
  if (site.attestation === 'none') return format === 'none' || (format === 'packed' && !certified)
  if (!verifiable.includes(format)) return false
  if (site.models.length > 0 && !certified) return false
  return !(fetching.includes(format) && bytes.includes(revocationLists))
}

/** Whether the model is one of those that may be registered. */
export function isAcceptableModel({ models }: Site, aaguid: string): boolean {
  return models.length === 0 || models.includes(aaguid)
}
