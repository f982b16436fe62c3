import type { ZodType, z } from 'zod'
import type { Auth } from './auth.ts'
import type { Exchange } from './exchange.ts'
import type { JsonBounds } from './json.ts'

/** Who may call a route. There is no default: a route value without one does not compile. */
export type RoutePolicy =
  | { readonly kind: 'public' }
  | {
      readonly kind: 'signed-in'
      /**
       * Also whoever has proven less than policy demands of the account: for what such a person needs to
       * prove more, and no other route.
       */
      readonly anyLevel?: true
    }
  | { readonly kind: 'permission'; readonly permission: string }
  | {
      /**
       * Members of the organisation that the parameter `organisation` of the path names, by id or short
       * name, whom its own policy admits. For everybody else there is no such organisation.
       */
      readonly kind: 'member'
      /** What they have to hold there; absent: whatever they hold. */
      readonly permission?: string
    }

/** What a route answers. Exactly one of `json`, `html`, `text` or none. */
export interface Answer {
  readonly status: number
  readonly json?: unknown
  readonly html?: string
  readonly text?: string
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>
  /** Complete `Set-Cookie` values. */
  readonly cookies?: readonly string[]
}

/** A call that has passed the pipeline, the policy and the schemas. */
export interface Call<Body = unknown, Query = unknown, Params = unknown> {
  readonly body: Body
  readonly query: Query
  readonly params: Params
  readonly exchange: Exchange
  /** Present on every route whose policy is not public. */
  readonly auth: Auth | undefined
}

/** One answer of a route, for OpenAPI. */
export interface RouteResponse {
  readonly description: string
  readonly schema?: ZodType
}

/** JSON that is sent under other names. */
export interface JsonMedia {
  /** In lower case, each with the most bytes of such a body. */
  readonly types: Readonly<Record<string, number>>
  readonly bounds: JsonBounds
}

/** What `route` takes: the schemas, the policy and the work of one route. */
export interface RouteDefinition<B extends ZodType, Q extends ZodType, P extends ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Segments, with `{name}` for a parameter. */
  readonly path: string
  readonly summary: string
  readonly policy: RoutePolicy
  /**
   * Asks for a proof newer than the option `stepUp.within`, of level 2 where the account has a second
   * factor; else 401 with the challenge of RFC 9470.
   */
  readonly stepUp?: true
  readonly body?: B
  /** Media types of the JSON that the route takes instead of `application/json`, and how large it may be. */
  readonly media?: JsonMedia
  readonly query?: Q
  readonly params?: P
  readonly responses: Readonly<Record<number, RouteResponse>>
  /** Codes this route may answer with, for OpenAPI; common ones are added by themselves. */
  readonly problems?: readonly string[]
  /** Pages answer browsers: they take forms, ignore unknown query keys and show errors as HTML. */
  readonly kind?: 'api' | 'page'
  readonly handle: (call: Call<z.output<B>, z.output<Q>, z.output<P>>) => Promise<Answer>
}

/** A route as a value: schema in, policy, call, schema out. OpenAPI is generated from it. */
export interface Route extends Omit<RouteDefinition<ZodType, ZodType, ZodType>, 'handle'> {
  readonly handle: (call: Call<never, never, never>) => Promise<Answer>
}

/** Declares a route; the handler's argument is typed by the schemas beside it. */
export function route<
  B extends ZodType = ZodType<undefined>,
  Q extends ZodType = ZodType<Record<string, never>>,
  P extends ZodType = ZodType<Record<string, never>>,
>(definition: RouteDefinition<B, Q, P>): Route {
  return definition as unknown as Route
}
