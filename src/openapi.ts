import { z } from 'zod'
import { problem } from './contract.ts'
import { bodyErrors, type Route, route } from './http/index.ts'

export interface OpenApiInfo {
  readonly title: string
  readonly version: string
  readonly serverUrl: string
}

type Json = Record<string, unknown>

/** What any request may be refused with before its route is asked, or while its parts are read. */
const codesOfAll = [
  ...['invalid_request', 'unknown_field', ...Object.keys(bodyErrors.$table), 'target_too_long'],
  ...['path_ambiguous', 'address_refused', 'https_required', 'request_suspicious'],
  ...['csrf_refused', 'rate_limited', 'not_found', 'method_not_allowed', 'unavailable'],
] as const

const codesOfSignedIn = [
  ...['authentication_required', 'token_invalid', 'token_expired', 'session_revoked'],
  'revocation_unconfirmed',
] as const

const codesOfMember = ['organisation_not_found', 'organisation_address_refused'] as const

/** The document of the API, OpenAPI 3.1, generated from the very routes that answer. */
export function openApiDocument(routes: readonly Route[], info: OpenApiInfo): Json {
  const paths: Record<string, Json> = {}
  for (const one of routes.filter((candidate) => candidate.kind !== 'page')) {
    paths[one.path] = { ...paths[one.path], [one.method.toLowerCase()]: operationOf(one) }
  }
  return {
    openapi: '3.1.0',
    info: { title: info.title, version: info.version, description },
    servers: [{ url: info.serverUrl }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-hf_session' },
      },
    },
  }
}

const description = `Operations marked \`x-step-up\` ask for a recent proof of who is calling, by a second factor where there is one (\`POST /auth/step-up\`); what asks for a permission may ask for a second factor first. Errors are problem documents (RFC 9457). Besides the codes an operation names, any request may be answered with ${codesOfAll.join(', ')}.`

/** `GET /openapi.json` over the routes beside it. The document is made once. */
export function openApiRoute(routes: readonly Route[], info: OpenApiInfo): Route {
  const own = route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document',
    policy: { kind: 'public' },
    responses: { 200: { description: 'OpenAPI 3.1', schema: z.record(z.string(), z.unknown()) } },
    handle: async () => ({ status: 200, json: document }),
  })
  const document = openApiDocument([...routes, own], info)
  return own
}

function operationOf(one: Route): Json {
  return {
    summary: one.summary,
    operationId: operationId(one),
    ...(one.policy.kind === 'public' ? {} : { security: [{ bearer: [] }, { session: [] }] }),
    ...permissionOf(one.policy),
    ...(one.stepUp ? { 'x-step-up': true } : {}),
    ...parametersOf(one),
    ...(one.body ? { requestBody: requestBody(one.body, one.media) } : {}),
    responses: responsesOf(one),
  }
}

function permissionOf(policy: Route['policy']): Json {
  const permission = 'permission' in policy ? policy.permission : undefined
  return {
    ...(permission === undefined ? {} : { 'x-permission': permission }),
    ...(policy.kind === 'member' ? { 'x-member': true } : {}),
  }
}

function requestBody(body: z.ZodType, media: Route['media']): Json {
  const schema = schemaOf(body, 'input')
  const types = Object.keys(media?.types ?? {})
  return {
    required: !body.safeParse(undefined).success,
    content: media
      ? Object.fromEntries(types.map((type) => [type, { schema }]))
      : jsonContent(schema),
  }
}

function parametersOf(one: Route): Json {
  const parameters = [...membersOf(one.params, 'path'), ...membersOf(one.query, 'query')]
  return parameters.length === 0 ? {} : { parameters }
}

/** Each member of a schema of parameters. */
function membersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, member]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: member,
  }))
}

function responsesOf(one: Route): Json {
  const responses: Json = {}
  for (const [status, { description, schema }] of Object.entries(one.responses)) {
    const content = schema ? { content: jsonContent(schemaOf(schema, 'output')) } : {}
    responses[status] = { description, ...content }
  }
  const codes = [...new Set([...(one.problems ?? []), ...codesOfPolicy(one)])]
  const named = codes.length === 0 ? '' : ` Codes: ${codes.join(', ')}.`
  responses['default'] = {
    description: `A problem.${named}`,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  return responses
}

function codesOfPolicy({ policy, stepUp }: Route): readonly string[] {
  if (policy.kind === 'public') return []
  const anyLevel = policy.kind === 'signed-in' && policy.anyLevel
  return [
    ...codesOfSignedIn,
    ...('permission' in policy ? ['forbidden'] : []),
    ...(policy.kind === 'member' ? codesOfMember : []),
    ...(stepUp || !anyLevel ? ['step_up_required'] : []),
  ]
}

function operationId(one: Route): string {
  const words = one.path.split(/[^A-Za-z0-9]+/).filter(Boolean)
  return [one.method.toLowerCase(), ...words].join('_')
}

function jsonContent(schema: Json): Json {
  return { 'application/json': { schema } }
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json
  return json
}
