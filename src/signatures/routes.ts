import { z } from 'zod'
import { originOf, type Route, route } from '../http/index.ts'
import type { ClientKeys } from './client-keys.ts'
import type { EncryptionKeys } from './encryption-keys.ts'
import { signatureErrors } from './errors.ts'

export interface SignatureRouteParts {
  readonly clientKeys: ClientKeys
  readonly encryptionKeys: EncryptionKeys
  /** First segment, for example `/auth`. */
  readonly path: string
}

/** Where the keys stand to which browsers encrypt fields. */
export const encryptionKeysPath = '/.well-known/holdfast-encryption-jwks.json'

const coordinate = z.string().regex(/^[\w-]{43}$/)
/** What `exportKey('jwk')` adds says nothing about the key. A private half (`d`) is an unknown field. */
const publicJwk = z.strictObject({
  kty: z.enum(['OKP', 'EC']),
  crv: z.enum(['Ed25519', 'P-256']),
  x: coordinate,
  y: coordinate.optional(),
  ext: z.boolean().optional(),
  key_ops: z.array(z.string().max(20)).max(10).optional(),
  alg: z.string().max(20).optional(),
})

/** Keys of clients, which sign requests, and those of the service, to which they encrypt fields. */
export function signatureRoutes(parts: SignatureRouteParts): readonly Route[] {
  const { clientKeys, encryptionKeys, path } = parts
  return [
    route({
      method: 'POST',
      path: `${path}/signing-keys`,
      summary: 'Make a public key the one that signs the requests of this session (RFC 9421)',
      policy: { kind: 'signed-in' },
      stepUp: true,
      body: z.strictObject({ publicKey: publicJwk }),
      responses: {
        201: {
          description: 'What the client signs with from now on',
          schema: z.object({ keyId: z.string(), algorithm: z.string() }),
        },
      },
      problems: ['signing_key_invalid'],
      handle: async ({ auth, body, exchange }) => {
        // A key of a program has no session that it could be bound to.
        if (!auth?.sessionId) throw signatureErrors.signing_key_invalid()
        const { crv, kty, x, y } = body.publicKey
        const jwk = { kty, crv, x, y }
        const json = await clientKeys.register(auth, jwk, originOf(exchange))
        return { status: 201, json }
      },
    }),
    route({
      method: 'GET',
      path: encryptionKeysPath,
      summary: 'The public keys to which browsers encrypt fields (RFC 7517)',
      policy: { kind: 'public' },
      responses: {
        200: {
          description: 'Key set',
          schema: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
        },
      },
      handle: async () => ({
        status: 200,
        headers: { 'cache-control': 'public, max-age=300' },
        json: { keys: await encryptionKeys.published() },
      }),
    }),
  ]
}
