/** Where in a value an issue stands: a key, or a segment that holds one. */
export type IssueStep = PropertyKey | { readonly key: PropertyKey }

/** What a schema says of one value that it does not take. Libraries add fields of their own. */
export interface StandardIssue {
  readonly message: string
  readonly path?: readonly IssueStep[] | undefined
}

/** What a schema answers: the value as it reads it, or what is wrong with what was sent. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/**
 * A schema of any library that speaks Standard Schema, version 1 (standardschema.dev): Zod, Valibot,
 * ArkType and others, and our own `rules`.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** The type of what a schema gives. */
export type SchemaOutput<S> = S extends StandardSchema<infer _, infer Output> ? Output : never

/** Whether a value offers the interface. ArkType's schemas are functions. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  const mayHold = (typeof value === 'object' && value !== null) || typeof value === 'function'
  if (!mayHold || !('~standard' in value)) return false
  const standard = value['~standard'] as { version?: unknown; validate?: unknown } | undefined
  return standard?.version === 1 && typeof standard.validate === 'function'
}

/** The keys of a path, from the outermost in. */
export function stepsOf({ path = [] }: StandardIssue): readonly PropertyKey[] {
  return path.map((step) => (typeof step === 'object' ? step.key : step))
}
