import type { Route } from '../../src/http/index.ts'
import { openApiDocument } from '../../src/openapi.ts'
import { createTestSecurity } from '../../src/testing/index.ts'

/** As much of JSON Schema as our document uses. */
export interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly minLength?: number
  readonly maxLength?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly schema: Schema
}

interface Documented {
  readonly security?: unknown
  readonly 'x-permission'?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: Schema }>> }
  readonly responses: Readonly<
    Record<string, { description: string; content?: Readonly<Record<string, { schema: Schema }>> }>
  >
}

export interface Document {
  readonly info: { readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** One route as the document tells it. */
export interface Operation {
  /** `POST /auth/login`. */
  readonly name: string
  readonly method: string
  readonly path: string
  readonly kind: 'api' | 'page'
  readonly signedIn: boolean
  readonly permission: string | undefined
  readonly parameters: readonly Parameter[]
  readonly body: Schema | undefined
  readonly responses: Documented['responses']
}

/** The operations of a document. */
export function operationsOf(document: Document, kind: Operation['kind'] = 'api'): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([verb, documented]) => ({
      ...{ name: `${verb.toUpperCase()} ${path}`, method: verb.toUpperCase(), path, kind },
      signedIn: documented.security !== undefined,
      permission: documented['x-permission'],
      parameters: documented.parameters ?? [],
      body: documented.requestBody?.content['application/json']?.schema,
      responses: documented.responses,
    })),
  )
}

/** The pages stand in no document, as they answer people; they take requests all the same. */
export async function pageOperations(): Promise<Operation[]> {
  const { close, security } = await createTestSecurity()
  try {
    const pages = security.routes.filter(({ kind }) => kind === 'page')
    const routes = pages.map(({ kind: _, ...route }): Route => route)
    const info = { title: '', version: '', serverUrl: '' }
    return operationsOf(openApiDocument(routes, info) as unknown as Document, 'page')
  } finally {
    await close()
  }
}
