/** What a code of the error table says to the world. Text is fixed: nothing a client sent is echoed. */
export interface ErrorDefinition {
  /** HTTP status of the answer. */
  readonly status: number
  /** Short, stable name of the problem; front ends find it again as `error`. */
  readonly title: string
  /** One sentence that helps an honest caller and tells an attacker nothing. */
  readonly detail: string
}

/** One fault of a request, located by a JSON pointer (RFC 6901) into the part named first. */
export interface FieldFault {
  /** For example `#/body/email` or `#/query/from`. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** What one occurrence of an error adds to its definition. */
export interface ErrorExtras {
  readonly faults?: readonly FieldFault[]
  /** Whole seconds until another try makes sense; becomes `Retry-After`. */
  readonly retryAfter?: number
  /** Response headers, lower-case names. */
  readonly headers?: Readonly<Record<string, string>>
  /** Public members added to the problem document, next to the standard ones. */
  readonly members?: Readonly<Record<string, unknown>>
  /**
   * For developers and operators: becomes the `message` of the error, as thrown at start or logged,
   * and never part of an answer. For what a programmer or a configuration did, not a client.
   */
  readonly explanation?: string
  /** Another fixed text for one case of the code, in place of the table's `detail`. Nothing a client sent. */
  readonly detail?: string
  /** Private: reaches the log, never the answer. */
  readonly cause?: unknown
}

/**
 * The one error class of Holdfast. `code` is stable and listed in docs/errors.md; `detail` is the
 * fixed public text. `message` and the private `cause` are for developers and the log alone.
 */
export class SecurityError extends Error {
  readonly code: string
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly extras: ErrorExtras

  constructor(code: string, definition: ErrorDefinition, extras: ErrorExtras = {}) {
    super(
      extras.explanation ?? extras.detail ?? definition.detail,
      extras.cause === undefined ? undefined : { cause: extras.cause },
    )
    this.name = 'SecurityError'
    this.code = code
    this.status = definition.status
    this.title = definition.title
    this.detail = extras.detail ?? definition.detail
    this.extras = extras
  }
}

/** Makes the error of one code; throwing it is the caller's. */
export type ErrorFactory = (extras?: ErrorExtras) => SecurityError

/** Definitions by code. */
export type ErrorTable = Readonly<Record<string, ErrorDefinition>>

/** A room's error table with a factory for each code, so that a code cannot be misspelt. */
export type DefinedErrors<T extends ErrorTable> = { readonly [K in keyof T]: ErrorFactory } & {
  readonly $table: T
}

/**
 * Turns a table of codes into factories: `errors.token_expired({ headers })`. The table stays
 * readable as `$table`, from which docs/errors.md is generated.
 */
export function defineErrors<const T extends ErrorTable>(table: T): DefinedErrors<T> {
  const factories: Record<string, unknown> = { $table: table }
  for (const [code, definition] of Object.entries(table)) {
    factories[code] = (extras?: ErrorExtras) => make(code, definition, extras)
  }
  return Object.freeze(factories) as DefinedErrors<T>
}

/**
 * What a client did wrong needs no stack, and capturing one would be most of the price of a refusal.
 * Everything happens in one synchronous call, so no other error is made without its stack.
 */
function make(code: string, definition: ErrorDefinition, extras?: ErrorExtras): SecurityError {
  if (definition.status >= 500) return new SecurityError(code, definition, extras)
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return new SecurityError(code, definition, extras)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
