import type { SecurityError } from '../../errors/index.ts'
import type { Layer } from './layers.ts'
import type { Parts } from './types.ts'

/** A body beyond the default bounds, which only a schema can widen. */
export interface HeldBody {
  readonly value: unknown
  /** The refusal where no schema takes it. */
  readonly refusal: SecurityError
}

const checksBody: unique symbol = Symbol('holdfast.checksBody')

/** Marks a handler that judges held bodies by its schema. */
export function markBodyCheck<H extends object>(handler: H): H {
  return Object.assign(handler, { [checksBody]: true })
}

/**
 * Keeps a body away from everything until a schema has taken it. Whoever reads `request.body` before
 * that, a handler without a schema for one, ends in the refusal.
 */
export function holdBody(parts: Parts, request: object, held: HeldBody): void {
  parts.heldBodies.set(request, held)
  parts.unreadable.add(held.refusal)
  Object.defineProperty(request, 'body', {
    configurable: true,
    enumerable: true,
    get(): never {
      throw held.refusal
    },
    set: (value: unknown) => release(request, value),
  })
}

/** Lays the body out as any other. */
export function releaseBody({ heldBodies }: Parts, request: object, { value }: HeldBody): void {
  heldBodies.delete(request)
  release(request, value)
}

/** Throws the refusal of a held body on a route none of whose handlers would judge it. */
export function refuseHeldBody({ heldBodies }: Parts, request: { readonly route?: unknown }): void {
  const held = heldBodies.get(request)
  const { stack } = (request.route ?? {}) as { readonly stack?: readonly Layer[] }
  if (held && stack && !stack.some(({ handle }) => checksBody in handle)) throw held.refusal
}

function release(request: object, value: unknown): void {
  const plain = { configurable: true, enumerable: true, writable: true, value }
  Object.defineProperty(request, 'body', plain)
}
