import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { type Cbor, encodeCbor } from './cbor.ts'

export type KeyAlgorithm = 'ES256' | 'EdDSA' | 'RS256'

export interface AuthenticatorOptions {
  readonly algorithm?: KeyAlgorithm
  /** Whether it asks for a PIN or a body part. Default: it does. */
  readonly userVerified?: boolean
  /** Whether its passkeys are synced. Default: they are not. */
  readonly backedUp?: boolean
  /** Whether it counts its signatures. Default: it does. */
  readonly counts?: boolean
  /** Its model; the default is all zeros, which says none. */
  readonly aaguid?: string
  /** How it proves what it is. `packed` is self attestation, by the new key itself. */
  readonly attestation?: 'none' | 'packed'
}

/** What an answer says other than an honest authenticator in an honest browser would. */
export interface Twist {
  readonly userVerified?: boolean
  readonly userPresent?: boolean
  readonly backupEligible?: boolean
  readonly backedUp?: boolean
  readonly counter?: number
  readonly challenge?: string
  readonly type?: string
  readonly rpId?: string
  readonly crossOrigin?: boolean
  readonly topOrigin?: string
  /** Null leaves it out. */
  readonly userHandle?: string | null
  readonly transports?: readonly string[]
  /** Which passkey answers; default: the one that was made last for this site. */
  readonly credentialId?: string
  /** Signs with the key of another passkey. */
  readonly signedBy?: string
  /** Sees the bytes of the authenticator before they are signed. */
  readonly authenticatorData?: (bytes: Buffer) => Buffer
  readonly attestationObject?: (bytes: Buffer) => Buffer
}

/** As `PublicKeyCredential.toJSON()` writes it after `create`. */
export interface RegistrationJson extends Record<string, unknown> {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly response: {
    readonly clientDataJSON: string
    readonly attestationObject: string
    readonly transports: readonly string[]
  }
}

/** As `PublicKeyCredential.toJSON()` writes it after `get`. */
export interface AssertionJson extends Record<string, unknown> {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly response: {
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
    readonly userHandle?: string
  }
}

interface Credential {
  readonly id: string
  readonly rpId: string
  readonly userHandle: string
  readonly key: KeyObject
  readonly publicKey: Buffer
  counter: number
}

/** The members of the options that an authenticator looks at. */
interface CreationOptions {
  readonly challenge: string
  readonly rp: { readonly id: string }
  readonly user: { readonly id: string }
  readonly excludeCredentials?: readonly { readonly id: string }[]
}

interface RequestOptions {
  readonly challenge: string
  readonly rpId: string
  readonly allowCredentials?: readonly { readonly id: string }[]
}

const coseNames: Readonly<Record<KeyAlgorithm, number>> = { ES256: -7, EdDSA: -8, RS256: -257 }

/**
 * An authenticator and its browser in software (WebAuthn Level 3), for tests: takes the options that
 * Holdfast hands out and gives the JSON that a browser would. Every answer can be twisted.
 */
export class SoftwareAuthenticator {
  readonly #options: Required<AuthenticatorOptions>
  readonly #credentials: Credential[] = []

  constructor(options: AuthenticatorOptions = {}) {
    this.#options = {
      algorithm: 'ES256',
      userVerified: true,
      backedUp: false,
      counts: true,
      aaguid: '00000000-0000-0000-0000-000000000000',
      attestation: 'none',
      ...options,
    }
  }

  /** Ids of the passkeys it holds, the oldest first. */
  get credentialIds(): readonly string[] {
    return this.#credentials.map(({ id }) => id)
  }

  /** `navigator.credentials.create`. Throws when it holds an excluded passkey, as browsers do. */
  create(options: unknown, origin: string, twist: Twist = {}): RegistrationJson {
    const asked = options as CreationOptions
    const excluded = asked.excludeCredentials?.some(({ id }) => this.credentialIds.includes(id))
    if (excluded) throw new Error('InvalidStateError: this authenticator is registered already')
    const credential = this.#newCredential(asked, twist)
    const clientData = clientDataOf('webauthn.create', { asked, origin, twist })
    const authData = this.#authenticatorData(credential, twist, true)
    const object = this.#attest(credential, { authData, clientData })
    return {
      ...{ id: credential.id, rawId: credential.id, type: 'public-key' },
      authenticatorAttachment: 'platform',
      clientExtensionResults: { credProps: { rk: true } },
      response: {
        clientDataJSON: clientData.toString('base64url'),
        attestationObject: (twist.attestationObject?.(object) ?? object).toString('base64url'),
        transports: twist.transports ?? ['internal'],
      },
    }
  }

  /** `navigator.credentials.get`. Throws when it holds no passkey that is asked for. */
  get(options: unknown, origin: string, twist: Twist = {}): AssertionJson {
    const asked = options as RequestOptions
    const credential = this.#find(asked, twist)
    if (this.#options.counts) credential.counter += 1
    const clientData = clientDataOf('webauthn.get', { asked, origin, twist })
    const authData = this.#authenticatorData(credential, twist, false)
    const signer = this.#credentials.find(({ id }) => id === twist.signedBy) ?? credential
    const handle = twist.userHandle === undefined ? credential.userHandle : twist.userHandle
    return {
      ...{ id: credential.id, rawId: credential.id, type: 'public-key' },
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: this.#sign(signer, { authData, clientData }).toString('base64url'),
        ...(handle === null ? {} : { userHandle: handle }),
      },
    }
  }

  #newCredential(asked: CreationOptions, twist: Twist): Credential {
    const { key, publicKey } = newKey(this.#options.algorithm)
    const credential = {
      ...{ key, publicKey },
      id: twist.credentialId ?? randomBytes(32).toString('base64url'),
      rpId: asked.rp.id,
      userHandle: asked.user.id,
      counter: this.#options.counts ? 1 : 0,
    }
    this.#credentials.push(credential)
    return credential
  }

  #find(asked: RequestOptions, twist: Twist): Credential {
    const wanted = twist.credentialId
    const allowed = (id: string) =>
      wanted === undefined
        ? (asked.allowCredentials ?? []).length === 0 ||
          asked.allowCredentials?.some((one) => one.id === id)
        : wanted === id
    const found = this.#credentials.findLast(
      ({ id, rpId }) => allowed(id) && (wanted !== undefined || rpId === asked.rpId),
    )
    if (!found) throw new Error('NotAllowedError: no passkey here is asked for')
    return found
  }

  /** Section 6.1. */
  #authenticatorData(credential: Credential, twist: Twist, attested: boolean): Buffer {
    const backedUp = twist.backedUp ?? this.#options.backedUp
    const bits = [
      [twist.userPresent ?? true, 0x01],
      [twist.userVerified ?? this.#options.userVerified, 0x04],
      [twist.backupEligible ?? backedUp, 0x08],
      [backedUp, 0x10],
      [attested, 0x40],
    ] as const
    const flags = bits.reduce((sum, [set, bit]) => (set ? sum | bit : sum), 0)
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(twist.counter ?? credential.counter)
    const bytes = Buffer.concat([
      sha256(twist.rpId ?? credential.rpId),
      Buffer.of(flags),
      counter,
      attested ? this.#attestedData(credential) : Buffer.alloc(0),
    ])
    return twist.authenticatorData?.(bytes) ?? bytes
  }

  #attestedData({ id, publicKey }: Credential): Buffer {
    const credentialId = Buffer.from(id, 'base64url')
    const length = Buffer.alloc(2)
    length.writeUInt16BE(credentialId.length)
    const aaguid = Buffer.from(this.#options.aaguid.replaceAll('-', ''), 'hex')
    return Buffer.concat([aaguid, length, credentialId, publicKey])
  }

  /** Section 6.5.4: what it is, signed by the new key when that is asked of it. */
  #attest(credential: Credential, signed: Signed): Buffer {
    const packed = this.#options.attestation === 'packed'
    const statement = new Map<string, Cbor>()
    if (packed) {
      statement.set('alg', coseNames[this.#options.algorithm])
      statement.set('sig', this.#sign(credential, signed))
    }
    return encodeCbor(
      new Map<string, Cbor>([
        ['fmt', packed ? 'packed' : 'none'],
        ['attStmt', statement],
        ['authData', signed.authData],
      ]),
    )
  }

  #sign({ key }: Credential, { authData, clientData }: Signed): Buffer {
    const message = Buffer.concat([authData, sha256(clientData)])
    return sign(this.#options.algorithm === 'EdDSA' ? null : 'sha256', message, key)
  }
}

interface Signed {
  readonly authData: Buffer
  readonly clientData: Buffer
}

interface Asked {
  readonly asked: { readonly challenge: string }
  readonly origin: string
  readonly twist: Twist
}

/** Section 5.8.1, in the order that browsers write. */
function clientDataOf(type: string, { asked, origin, twist }: Asked): Buffer {
  const data = {
    type: twist.type ?? type,
    challenge: twist.challenge ?? asked.challenge,
    origin,
    crossOrigin: twist.crossOrigin ?? false,
    ...(twist.topOrigin === undefined ? {} : { topOrigin: twist.topOrigin }),
  }
  return Buffer.from(JSON.stringify(data))
}

/** A new key pair, the public half as COSE key (RFC 9052 section 7). */
function newKey(algorithm: KeyAlgorithm): { key: KeyObject; publicKey: Buffer } {
  const { privateKey, publicKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : algorithm === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const jwk = publicKey.export({ format: 'jwk' })
  const bytes = (name: string) => Buffer.from(String(jwk[name]), 'base64url')
  const parts: Record<KeyAlgorithm, () => [number, Cbor][]> = {
    ES256: () => [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes('x')],
      [-3, bytes('y')],
    ],
    EdDSA: () => [
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, bytes('x')],
    ],
    RS256: () => [
      [1, 3],
      [3, -257],
      [-1, bytes('n')],
      [-2, bytes('e')],
    ],
  }
  return { key: privateKey, publicKey: encodeCbor(new Map(parts[algorithm]())) }
}

function sha256(bytes: string | Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
