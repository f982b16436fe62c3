import type { Config, SignatureKeyConfig } from '../config/index.ts'
import {
  ClientKeys,
  EncryptionKeys,
  FieldEncryption,
  importSignatureKey,
  RequestSignatures,
  type SignatureKey,
  SignatureNonces,
  signatureErrors,
} from '../signatures/index.ts'
import type { Ground } from './ground.ts'

/** Signed requests, and fields that browsers encrypt. */
export interface SignatureRooms {
  readonly signatures: RequestSignatures
  readonly signatureNonces: SignatureNonces
  readonly clientKeys: ClientKeys
  readonly encryptionKeys: EncryptionKeys
  readonly fields: FieldEncryption
}

/** Wires signatures; what the Host header says counts for organisations below their domain alone. */
export function wireSignatures(ground: Ground): SignatureRooms {
  const { config, database, keyring, recorder } = ground
  const { body, clock, logger, random, signatures, tokens } = config
  const signatureNonces = new SignatureNonces({ clock, database })
  const clientKeys = new ClientKeys({ clock, database, recorder })
  const encryptionKeys = new EncryptionKeys({
    ...{ clock, database, keyring, random, recorder },
    rotationMs: tokens.keyRotationMs,
  })
  return {
    ...{ signatureNonces, clientKeys, encryptionKeys },
    fields: new FieldEncryption({ keys: encryptionKeys, nonces: signatureNonces, clock }),
    signatures: new RequestSignatures({
      ...{ clientKeys, clock, logger, nonces: signatureNonces },
      windowMs: signatures.windowMs,
      keys: keysOf(signatures.keys),
      baseUrl: new URL(config.baseUrl),
      takesHost: takesHost(config),
      bodyBytes: Math.max(body.jsonBytes, body.formBytes),
    }),
  }
}

function takesHost({ organisations: { domain, from } }: Config): (host: string) => boolean {
  if (from !== 'host' || domain === undefined) return () => false
  const below = `.${domain.toLowerCase()}`
  return (host) =>
    /^[a-z0-9.-]+(?::\d{1,5})?$/.test(host) && host.replace(/:\d+$/, '').endsWith(below)
}

function keysOf(
  keys: Readonly<Record<string, SignatureKeyConfig>>,
): ReadonlyMap<string, SignatureKey> {
  return new Map(Object.entries(keys).map(([id, key]) => [id, keyOf(id, key)]))
}

function keyOf(id: string, { algorithm, publicKey, secret }: SignatureKeyConfig): SignatureKey {
  const bytes = secret?.bytes()
  const key = importSignatureKey(algorithm, bytes ?? publicKey ?? '')
  if (key) return key
  const explanation = `the option signatures.keys.${id} does not hold a key for ${algorithm}`
  throw signatureErrors.signature_rules_invalid({ explanation })
}
