import { z } from 'zod'
import { type Route, route } from '../http/index.ts'
import type { SigningKeys } from './signing-keys.ts'

export interface WellKnownParts {
  readonly keys: SigningKeys
  readonly baseUrl: string
  readonly algorithm: string
}

const cacheable = { 'cache-control': 'public, max-age=300' }

/** What a service in any language needs to verify our access tokens. */
export function wellKnownRoutes(parts: WellKnownParts): readonly Route[] {
  const { algorithm, baseUrl, keys } = parts
  return [
    route({
      method: 'GET',
      path: '/.well-known/jwks.json',
      summary: 'The public keys that verify access tokens (RFC 7517)',
      policy: { kind: 'public' },
      responses: {
        200: {
          description: 'Key set',
          schema: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
        },
      },
      handle: async () => ({ status: 200, headers: cacheable, json: { keys: keys.published } }),
    }),
    route({
      method: 'GET',
      path: '/.well-known/openid-configuration',
      summary: 'Metadata for verifiers of access tokens; this is not an OpenID provider',
      policy: { kind: 'public' },
      responses: {
        200: { description: 'Metadata', schema: z.record(z.string(), z.unknown()) },
      },
      handle: async () => ({
        status: 200,
        headers: cacheable,
        json: {
          issuer: baseUrl,
          jwks_uri: `${baseUrl}/.well-known/jwks.json`,
          id_token_signing_alg_values_supported: [algorithm],
          response_types_supported: [],
          subject_types_supported: ['public'],
          claims_supported: [
            'iss',
            'aud',
            'sub',
            'sid',
            'jti',
            'iat',
            'exp',
            'auth_time',
            'amr',
            'acr',
          ],
        },
      }),
    }),
  ]
}
