import type { RequestHandler } from 'express'
import type { Layer } from './layers.ts'

/**
 * What a route asks for beside its policy, with its bounds: written down, so that it is told when it is gone.
 * Of functions nothing is known but that they are there.
 */
export type ControlMark =
  | {
      readonly kind: 'signed'
      readonly by: string | readonly string[]
      readonly components?: readonly string[]
      readonly tag?: string
    }
  | { readonly kind: 'ipRules'; readonly scope: string }
  | {
      readonly kind: 'ipRules'
      readonly allow?: readonly string[]
      readonly deny?: readonly string[]
    }
  | {
      readonly kind: 'rateLimit'
      readonly policy: string
      readonly points: number
      readonly windowMs: number
      readonly key: string
    }
  | { readonly kind: 'inspect' }
  | {
      readonly kind: 'upload'
      readonly field: string
      readonly types: readonly string[]
      readonly maxBytes: number
      readonly maxFiles: number
      readonly required: boolean
      readonly textFields: readonly string[]
    }
  | {
      readonly kind: 'encryptedFields'
      readonly context: string
      readonly names: readonly string[]
    }
  | { readonly kind: 'validate'; readonly parts: readonly string[]; readonly unknown: string }

const controlMark: unique symbol = Symbol('holdfast.control')

/** Marks a handler that lets a request pass or refuses it, whoever calls. */
export function markControl<H extends RequestHandler>(handler: H, control: ControlMark): H {
  return Object.assign(handler, { [controlMark]: Object.freeze(control) })
}

export function controlOf(handler: object): ControlMark | undefined {
  return (handler as { readonly [controlMark]?: ControlMark })[controlMark]
}

/** The controls among the handlers of a method which stand before the last one that does the work. */
export function controlsAmong(
  stack: readonly Layer[],
  method: string | undefined,
): readonly ControlMark[] {
  const steps = stack.filter((step) => step.method === undefined || step.method === method)
  const work = steps.findLastIndex(({ handle }) => !controlOf(handle))
  return steps.slice(0, Math.max(work, 0)).flatMap(({ handle }) => controlOf(handle) ?? [])
}
