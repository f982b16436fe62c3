import type { CredentialDeviceType, WebAuthnCredential } from '@simplewebauthn/server'
import { isAcceptable, isAcceptableModel, isSignedAsSaid } from './attestation.ts'
import { isAuthenticatorData } from './authenticator-data.ts'
import { isOneItem } from './cbor.ts'
import { algorithms } from './options.ts'
import { type CoseKey, isUsableKey } from './public-key.ts'
import type { AssertionResponse, RegistrationResponse } from './response.ts'
import type { Site } from './site.ts'
import type { PasskeyRow } from './table.ts'

/** A passkey that has proven itself and belongs to nobody yet. */
export interface NewPasskey {
  /** base64url. */
  readonly credentialId: string
  /** COSE key, base64url. */
  readonly publicKey: string
  readonly counter: number
  readonly transports: readonly string[]
  /** The model; zeros where the site asks for none. */
  readonly aaguid: string
  readonly backedUp: boolean
  /** Whether it may ever be synced; that stays as it is (section 6.1.3). */
  readonly backupEligible: boolean
}

/** What a signature of a passkey proves. */
export interface VerifiedAssertion {
  readonly counter: number
  readonly userVerified: boolean
  readonly backedUp: boolean
  readonly backupEligible: boolean
}

interface Expected {
  readonly site: Site
  /** That was just spent. */
  readonly challenge: string
  readonly requireUserVerification: boolean
}

const noModel = '00000000-0000-0000-0000-000000000000'
/** The column's length. */
const longestKey = 2_000

/**
 * Verifies a new passkey (section 7.1). What the library throws, it throws about what was sent, so
 * that is a refusal like any other: undefined.
 */
export async function verifyRegistration(
  response: RegistrationResponse,
  { challenge, requireUserVerification, site }: Expected,
): Promise<NewPasskey | undefined> {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  const helpers = await import('@simplewebauthn/server/helpers')
  return orRefused(async () => {
    if (!isOneItem(response.attestationObject)) return undefined
    const object = helpers.decodeAttestationObject(Uint8Array.from(response.attestationObject))
    if (!isAuthenticatorData(Buffer.from(object.get('authData')), true)) return undefined
    const statement = object.get('attStmt')
    const attestation = { format: object.get('fmt'), certified: statement.get('x5c') !== undefined }
    if (!isAcceptable(site, attestation)) return undefined
    const { registrationInfo } = await verifyRegistrationResponse({
      response: registrationJson(response),
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      expectedType: 'webauthn.create',
      requireUserVerification,
      supportedAlgorithmIDs: [...algorithms],
    })
    if (!registrationInfo || registrationInfo.credential.id !== response.id) return undefined
    const { aaguid, credential, credentialBackedUp, credentialDeviceType } = registrationInfo
    const key: CoseKey = helpers.decodeCredentialPublicKey(credential.publicKey)
    if (!isUsableKey(key) || !isSignedAsSaid(attestation, statement.get('alg'), key)) {
      return undefined
    }
    if (!isAcceptableModel(site, aaguid)) return undefined
    const publicKey = Buffer.from(credential.publicKey).toString('base64url')
    if (publicKey.length > longestKey) return undefined
    return {
      ...{ credentialId: credential.id, publicKey, counter: credential.counter },
      transports: response.transports,
      aaguid: site.attestation === 'none' ? noModel : aaguid,
      backedUp: credentialBackedUp,
      backupEligible: isEligible(credentialDeviceType),
    }
  })
}

/**
 * Verifies a signature of a passkey (section 7.2), all but its counter: the library looks at that
 * before the signature, so that anybody could raise an alarm about a passkey whose id they know. A
 * passkey that may be synced now and might not before, or the other way, is refused.
 */
export async function verifyAssertion(
  response: AssertionResponse,
  passkey: PasskeyRow,
  { challenge, requireUserVerification, site }: Expected,
): Promise<VerifiedAssertion | undefined> {
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  return orRefused(async () => {
    if (!isAuthenticatorData(response.authenticatorData, false)) return undefined
    const { authenticationInfo, verified } = await verifyAuthenticationResponse({
      response: assertionJson(response),
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      expectedType: 'webauthn.get',
      requireUserVerification,
      credential: withoutCounter(passkey),
    })
    if (!verified) return undefined
    const { credentialBackedUp, newCounter, userVerified } = authenticationInfo
    const backupEligible = isEligible(authenticationInfo.credentialDeviceType)
    if (!isAsBefore(passkey, backupEligible)) return undefined
    return { counter: newCounter, userVerified, backedUp: credentialBackedUp, backupEligible }
  })
}

/** The library's words for the flag BE. */
function isEligible(type: CredentialDeviceType): boolean {
  return type === 'multiDevice'
}

function isAsBefore({ backup_eligible }: PasskeyRow, eligible: boolean): boolean {
  return backup_eligible === null || (backup_eligible === 1) === eligible
}

function withoutCounter(passkey: PasskeyRow): WebAuthnCredential {
  const publicKey = Uint8Array.from(Buffer.from(passkey.public_key, 'base64url'))
  return { id: passkey.credential_id, publicKey, counter: 0 }
}

/** The library gets what was read and nothing else of what was sent. */
function registrationJson({ attestationObject, clientDataJson, id }: RegistrationResponse) {
  return {
    ...{ id, rawId: id, type: 'public-key' as const, clientExtensionResults: {} },
    response: {
      clientDataJSON: clientDataJson.toString('base64url'),
      attestationObject: attestationObject.toString('base64url'),
    },
  }
}

function assertionJson({ authenticatorData, clientDataJson, id, signature }: AssertionResponse) {
  return {
    ...{ id, rawId: id, type: 'public-key' as const, clientExtensionResults: {} },
    response: {
      clientDataJSON: clientDataJson.toString('base64url'),
      authenticatorData: authenticatorData.toString('base64url'),
      signature: signature.toString('base64url'),
    },
  }
}

async function orRefused<T>(verify: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await verify()
  } catch {
    return undefined
  }
}
