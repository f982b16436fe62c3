import { json } from '../database/index.ts'
import { ceremonyMs } from './ceremonies.ts'
import type { Site } from './site.ts'
import type { PasskeyRow } from './table.ts'

/** Options for `navigator.credentials`, as JSON (sections 5.1.9 and 5.1.10). */
export type CredentialOptions = Readonly<Record<string, unknown>>

/** Whose passkey is made. */
export interface PasskeyOwner {
  readonly id: string
  readonly email: string
  readonly displayName: string | null
}

/** Ed25519, ECDSA on P-256, and RSA with SHA-256, which Windows needs; the one liked best first. */
export const algorithms: readonly number[] = [-8, -7, -257]

export interface CreationInput {
  readonly site: Site
  readonly challenge: string
  readonly owner: PasskeyOwner
  readonly known: readonly PasskeyRow[]
}

/**
 * Asks for a new passkey (section 5.4). It is to be discoverable, so that it signs in without a name;
 * only where authenticators without a PIN are taken, which often cannot do that, this is a wish.
 */
export function creationOptions({
  challenge,
  known,
  owner,
  site,
}: CreationInput): CredentialOptions {
  const discoverable = site.userVerification === 'required'
  return {
    rp: { id: site.rpId, name: site.name },
    user: {
      id: userHandle(owner.id).toString('base64url'),
      name: owner.email,
      displayName: owner.displayName ?? owner.email,
    },
    challenge,
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    timeout: ceremonyMs,
    excludeCredentials: known.map(describe),
    authenticatorSelection: {
      residentKey: discoverable ? 'required' : 'preferred',
      requireResidentKey: discoverable,
      userVerification: site.userVerification,
    },
    attestation: site.attestation,
    extensions: { credProps: true },
  }
}

export interface RequestInput {
  readonly site: Site
  readonly challenge: string
  /** Undefined: whichever the person picks. */
  readonly allowed?: readonly PasskeyRow[] | undefined
  readonly userVerification: 'required' | 'preferred'
}

/** Asks for a signature of a passkey (section 5.5). */
export function requestOptions(input: RequestInput): CredentialOptions {
  const { allowed, challenge, site, userVerification } = input
  return {
    challenge,
    timeout: ceremonyMs,
    rpId: site.rpId,
    ...(allowed ? { allowCredentials: allowed.map(describe) } : {}),
    userVerification,
  }
}

/** What an authenticator keeps of the account: its id, which says nothing of the person (section 14.6.1). */
export function userHandle(userId: string): Buffer {
  return Buffer.from(userId)
}

function describe(row: PasskeyRow) {
  const transports = json.decode<readonly string[]>(row.transports)
  return {
    ...{ type: 'public-key', id: row.credential_id },
    ...(transports.length === 0 ? {} : { transports }),
  }
}
