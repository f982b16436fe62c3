import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { type Cbor, encodeCbor } from './cbor.ts'
import { bits, der, enumerated, inLongForm, integer, octets, oid, sequence } from './der.ts'

export interface CertifiedOptions {
  readonly format: string
  /** Where its certificate says that a revocation list lies. */
  readonly revocationList: string
  /** Whether the name of that extension has a length in BER that DER does not allow. */
  readonly longForm?: boolean
}

interface Asked {
  readonly challenge: string
  readonly rp: { readonly id: string }
}

/**
 * What a browser sends of a new passkey whose key a certificate speaks for, with a maker's root that
 * anybody can make: true to the format, by the keys of whoever wrote it.
 */
export function certifiedPasskey(
  options: unknown,
  origin: string,
  { format, longForm = false, revocationList }: CertifiedOptions,
) {
  const { challenge, rp } = options as Asked
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const client = { type: 'webauthn.create', challenge, origin, crossOrigin: false }
  const clientData = Buffer.from(JSON.stringify(client))
  const id = randomBytes(32)
  const signed = { format, rpIdHash: sha256(rp.id), clientHash: sha256(clientData), id, keys }
  const crl = revocationPoint(revocationList, longForm)
  const object = new Map<string, Cbor>([
    ['fmt', format],
    ['attStmt', statementOf(signed, crl)],
    ['authData', authenticatorData(signed)],
  ])
  const credentialId = id.toString('base64url')
  return {
    ...{ id: credentialId, rawId: credentialId, type: 'public-key' },
    response: {
      clientDataJSON: clientData.toString('base64url'),
      attestationObject: encodeCbor(object).toString('base64url'),
    },
  }
}

interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

interface Signed {
  readonly format: string
  readonly rpIdHash: Buffer
  readonly clientHash: Buffer
  readonly id: Buffer
  readonly keys: KeyPair
}

/** Sections 8.2, 8.4 and 8.6. */
function statementOf(signed: Signed, crl: Buffer): Map<string, Cbor> {
  const { clientHash, format, id, keys, rpIdHash } = signed
  const u2f = format === 'fido-u2f'
  const { x, y } = pointOf(keys)
  const message = u2f
    ? [Buffer.of(0), rpIdHash, clientHash, id, Buffer.of(4), x, y]
    : [authenticatorData(signed), clientHash]
  const statement = new Map<string, Cbor>(u2f ? [] : [['alg', -7]])
  statement.set('sig', sign('sha256', Buffer.concat(message), keys.privateKey))
  const chain = chainOf(keys, [keyDescription(clientHash), crl])
  return statement.set('x5c', u2f ? chain.slice(0, 1) : chain)
}

/** Section 6.1: somebody was there, was checked, and a new credential follows. */
function authenticatorData({ id, keys, rpIdHash }: Signed): Buffer {
  const { x, y } = pointOf(keys)
  const key = new Map<number, Cbor>([
    ...([
      [1, 2],
      [3, -7],
      [-1, 1],
    ] as const),
    ...([
      [-2, x],
      [-3, y],
    ] as const),
  ])
  const head = Buffer.of(0x45, 0, 0, 0, 0, ...Buffer.alloc(16), 0, id.length)
  return Buffer.concat([rpIdHash, head, id, encodeCbor(key)])
}

function pointOf({ publicKey }: KeyPair) {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  return { x: Buffer.from(x, 'base64url'), y: Buffer.from(y, 'base64url') }
}

/** The certificate of `keys` and the root behind it. */
function chainOf(keys: KeyPair, extensions: readonly Buffer[]): Buffer[] {
  const root = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const authority = extension('2.5.29.19', sequence(der(0x01, Buffer.of(0xff))))
  const model = extension('2.5.29.19', sequence())
  return [
    certificate({ issuer: 'Maker', subject: 'Model', key: keys.publicKey, by: root.privateKey }, [
      model,
      ...extensions,
    ]),
    certificate({ issuer: 'Maker', subject: 'Maker', key: root.publicKey, by: root.privateKey }, [
      authority,
    ]),
  ]
}

interface Subject {
  readonly issuer: string
  readonly subject: string
  readonly key: KeyObject
  readonly by: KeyObject
}

/** RFC 5280 section 4.1. */
function certificate({ by, issuer, key, subject }: Subject, extensions: readonly Buffer[]): Buffer {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'))
  const day = (text: string) => der(0x17, Buffer.from(text))
  const content = sequence(
    der(0xa0, integer(2)),
    integer(7),
    algorithm,
    nameOf(issuer),
    sequence(day('200101000000Z'), day('490101000000Z')),
    nameOf(subject),
    key.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(...extensions)),
  )
  return sequence(content, algorithm, bits(sign('sha256', content, by)))
}

/** With what section 8.2.1 asks of the name of an authenticator. */
function nameOf(commonName: string): Buffer {
  const part = (type: string, tag: number, text: string) =>
    der(0x31, sequence(oid(type), der(tag, Buffer.from(text))))
  return sequence(
    part('2.5.4.6', 0x13, 'AA'),
    part('2.5.4.10', 0x0c, 'Anybody'),
    part('2.5.4.11', 0x0c, 'Authenticator Attestation'),
    part('2.5.4.3', 0x0c, commonName),
  )
}

function extension(id: string | Buffer, value: Buffer): Buffer {
  return sequence(typeof id === 'string' ? oid(id) : id, octets(value))
}

/** RFC 5280 section 4.2.1.13. */
function revocationPoint(url: string, longForm: boolean): Buffer {
  const name = oid('2.5.29.31')
  const address = der(0xa0, der(0xa0, der(0x86, Buffer.from(url))))
  return extension(longForm ? inLongForm(name) : name, sequence(sequence(address)))
}

/** Section 8.4.1: a key of Android says which challenge it answers. */
function keyDescription(clientHash: Buffer): Buffer {
  const value = sequence(
    ...[integer(3), enumerated(0), integer(3), enumerated(0)],
    ...[octets(clientHash), octets(), sequence(), sequence()],
  )
  return extension('1.3.6.1.4.1.11129.2.1.17', value)
}

function sha256(bytes: string | Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
