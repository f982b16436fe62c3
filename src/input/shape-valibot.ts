import type { Shape } from './shape.ts'

/** The fields of Valibot's schemas that tell their shape. */
interface ValibotSchema {
  readonly type?: unknown
  readonly entries?: Readonly<Record<string, unknown>>
  readonly item?: unknown
  readonly wrapped?: unknown
  readonly rest?: unknown
  readonly options?: readonly unknown[]
  readonly pipe?: readonly { readonly type?: unknown; readonly requirement?: unknown }[]
}

const bounds: Readonly<Record<string, 'maxLength' | 'maxItems' | 'maximum'>> = {
  max_length: 'maxLength',
  max_value: 'maximum',
}

/** The shape of a schema of Valibot, which offers no JSON Schema by itself. */
export function shapeOfValibot(schema: unknown): Shape {
  const { entries, item, pipe = [], rest, type, wrapped } = (schema ?? {}) as ValibotSchema
  if (wrapped !== undefined) return shapeOfValibot(wrapped)
  const keys =
    entries &&
    new Map(Object.entries(entries).map(([name, value]) => [name, shapeOfValibot(value)]))
  const closed = keys !== undefined && (type === 'object' || type === 'strict_object')
  return {
    ...(keys ? { keys } : {}),
    open: !closed,
    ...(isSchema(item) ? { items: shapeOfValibot(item) } : {}),
    ...(isSchema(rest) ? { rest: shapeOfValibot(rest) } : {}),
    ...boundsOf(pipe, type === 'array'),
  }
}

function boundsOf(pipe: ValibotSchema['pipe'], isList: boolean): Partial<Shape> {
  return Object.fromEntries(
    (pipe ?? []).flatMap(({ requirement, type }) => {
      const name = bounds[String(type)]
      if (name === undefined || typeof requirement !== 'number') return []
      return [[isList && name === 'maxLength' ? 'maxItems' : name, requirement]]
    }),
  )
}

function isSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
