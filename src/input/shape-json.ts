import type { Shape } from './shape.ts'
import type { StandardSchema } from './standard-schema.ts'

type Json = Readonly<Record<string, unknown>>

interface Reading {
  readonly root: Json
  readonly depth: number
}

/** Levels that are read; below them anything goes, and the schema itself still decides. */
const deepest = 32

/** The shape that a schema's own JSON Schema (draft 2020-12) tells; undefined where it offers none. */
export function shapeOfJsonSchema(schema: StandardSchema): Shape | undefined {
  const root = jsonSchemaOf(schema)
  return root && read(root, { root, depth: 0 })
}

function jsonSchemaOf(schema: StandardSchema): Json | undefined {
  const { jsonSchema } = schema['~standard'] as { jsonSchema?: { input?: unknown } }
  if (typeof jsonSchema?.input !== 'function') return undefined
  // Zod takes the option and leaves open what JSON Schema cannot say; ArkType wants a function for it.
  for (const libraryOptions of [{ unrepresentable: 'any' }, {}]) {
    try {
      const written: unknown = jsonSchema.input({ target: 'draft-2020-12', libraryOptions })
      if (isRecord(written)) return written
    } catch {
      // The next attempt, or no shape at all: then the schema alone decides.
    }
  }
  return undefined
}

function read(schema: unknown, at: Reading): Shape {
  if (!isRecord(schema) || at.depth > deepest) return { open: true }
  const below = { root: at.root, depth: at.depth + 1 }
  if (typeof schema.$ref === 'string') return read(resolve(at.root, schema.$ref), below)
  const branches = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) =>
    Array.isArray(list) ? list : [],
  )
  const shapes = branches.map((branch) => read(branch, below))
  const own = readOwn(schema, below)
  return shapes.length === 0 ? own : merge(isEmpty(schema) ? shapes : [own, ...shapes])
}

/** A schema that only combines others says nothing itself. */
function isEmpty(schema: Json): boolean {
  return schema.properties === undefined && schema.items === undefined
}

function readOwn(schema: Json, below: Reading): Shape {
  const { additionalProperties: more, properties } = schema
  const isObject = isRecord(properties)
  const keys =
    isObject &&
    new Map(Object.entries(properties).map(([name, value]) => [name, read(value, below)]))
  const saysMore = more !== undefined && more !== false
  const open = !isObject || saysMore || schema.patternProperties !== undefined
  return {
    ...(keys ? { keys } : {}),
    open,
    ...(isRecord(more) ? { rest: read(more, below) } : {}),
    ...(isRecord(schema.items) ? { items: read(schema.items, below) } : {}),
    ...boundsOf(schema),
  }
}

function boundsOf({ maxItems, maxLength, maximum }: Json): Partial<Shape> {
  return {
    ...(typeof maxLength === 'number' ? { maxLength } : {}),
    ...(typeof maxItems === 'number' ? { maxItems } : {}),
    ...(typeof maximum === 'number' ? { maximum } : {}),
  }
}

/** A value of any of these shapes: it may hold what any of them names. */
function merge(shapes: readonly Shape[]): Shape {
  const keys = new Map<string, Shape>()
  for (const shape of shapes) {
    for (const [name, value] of shape.keys ?? []) {
      const before = keys.get(name)
      keys.set(name, before ? merge([before, value]) : value)
    }
  }
  // A branch that is no object, such as null, opens nothing.
  const objects = shapes.filter((shape) => shape.keys !== undefined || shape.rest !== undefined)
  const open = objects.length === 0 || objects.some((shape) => shape.open === true)
  const items = shapes.flatMap((shape) => shape.items ?? [])
  return {
    ...(objects.length > 0 ? { keys } : {}),
    open,
    ...(items.length > 0 ? { items: merge(items) } : {}),
    ...widest(shapes),
  }
}

function widest(shapes: readonly Shape[]): Partial<Shape> {
  const names = ['maxLength', 'maxItems', 'maximum'] as const
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = shapes.flatMap((shape) => shape[name] ?? [])
      return values.length > 0 ? [[name, Math.max(...values)]] : []
    }),
  )
}

/** What a reference inside the document means (`#/$defs/...`); undefined for any other. */
function resolve(root: Json, ref: string): unknown {
  if (!ref.startsWith('#')) return undefined
  const steps = ref.slice(1).split('/').slice(1)
  return steps.reduce<unknown>((value, step) => {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
  }, root)
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
