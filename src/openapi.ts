import { z } from 'zod'
import { problem } from './contract.ts'
import { type Route, route } from './http/index.ts'

export interface OpenApiInfo {
  readonly title: string
  readonly version: string
  readonly serverUrl: string
}

type Json = Record<string, unknown>

/** The document of the API, OpenAPI 3.1, generated from the very routes that answer. */
export function openApiDocument(routes: readonly Route[], info: OpenApiInfo): Json {
  const paths: Record<string, Json> = {}
  for (const one of routes.filter((candidate) => candidate.kind !== 'page')) {
    paths[one.path] = { ...paths[one.path], [one.method.toLowerCase()]: operationOf(one) }
  }
  return {
    openapi: '3.1.0',
    info: { title: info.title, version: info.version },
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
    ...(one.policy.kind === 'permission' ? { 'x-permission': one.policy.permission } : {}),
    ...parametersOf(one),
    ...(one.body ? { requestBody: { content: jsonContent(schemaOf(one.body, 'input')) } } : {}),
    responses: responsesOf(one),
  }
}

function parametersOf(one: Route): Json {
  const names = [...one.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  if (names.length === 0) return {}
  const parameters = names.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  return { parameters }
}

function responsesOf(one: Route): Json {
  const responses: Json = {}
  for (const [status, { description, schema }] of Object.entries(one.responses)) {
    const content = schema ? { content: jsonContent(schemaOf(schema, 'output')) } : {}
    responses[status] = { description, ...content }
  }
  const codes = [...(one.problems ?? []), ...commonCodes(one)]
  responses['default'] = {
    description: `A problem. Codes: ${codes.join(', ')}.`,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  return responses
}

function commonCodes(one: Route): string[] {
  const signedIn = one.policy.kind === 'public' ? [] : ['authentication_required', 'token_expired']
  const permission = one.policy.kind === 'permission' ? ['forbidden'] : []
  const input = one.method === 'GET' ? [] : ['invalid_request', 'unknown_field', 'malformed_json']
  return [...input, ...signedIn, ...permission, 'rate_limited', 'unavailable']
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
