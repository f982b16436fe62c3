import { shapeOfJsonSchema } from './shape-json.ts'
import { shapeOfValibot } from './shape-valibot.ts'
import type { StandardSchema } from './standard-schema.ts'

/** What can be known of a schema without asking it about a value. Nothing said: anything goes. */
export interface Shape {
  /** The keys of an object; absent where any key may stand. */
  readonly keys?: ReadonlyMap<string, Shape>
  /** Whether an object may hold other keys than `keys`. */
  readonly open?: boolean
  /** What an item of a list is. */
  readonly items?: Shape
  /** What the value of a key outside `keys` is. */
  readonly rest?: Shape
  /** The longest text that the schema names, in UTF-16 units. */
  readonly maxLength?: number
  /** The longest list that it names. */
  readonly maxItems?: number
  /** The largest number that it names. */
  readonly maximum?: number
}

/** A schema that says itself what it is: our own `rules`. */
export interface Shaped {
  readonly shape: Shape
}

/**
 * The shape of a schema: what it says itself, its JSON Schema where the library offers one (Standard
 * JSON Schema: Zod, ArkType), or the fields of Valibot. Undefined where none of them speaks.
 */
export function shapeOf(schema: StandardSchema): Shape | undefined {
  if ('shape' in schema && isOurs(schema)) return (schema as unknown as Shaped).shape
  const vendor = schema['~standard'].vendor
  if (vendor === 'valibot') return shapeOfValibot(schema)
  return shapeOfJsonSchema(schema)
}

/** Whether a schema was made by `rules`. */
export function isOurs(schema: StandardSchema): boolean {
  return schema['~standard'].vendor === 'holdfast'
}

/** The shape of what stands under `key`; undefined where nothing is known of it. */
export function shapeBelow(shape: Shape | undefined, key: string): Shape | undefined {
  return shape?.keys?.get(key) ?? shape?.rest
}
