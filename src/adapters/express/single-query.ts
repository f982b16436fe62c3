import type { Express, Request } from 'express'
import { commonErrors, type FieldFault } from '../../errors/index.ts'
import { pointerStep } from '../../http/index.ts'
import type { Parts } from './types.ts'

/**
 * Makes `request.query` of an app hold texts alone: a parameter that was sent several times is a list
 * only for a route whose schema, given to `validate`, says so. Elsewhere a handler that reads the query
 * would take that list for a text, so reading it ends in 400 with a fault for each such parameter. While
 * the control `validation` does not refuse, it only counts. An app that sets a `query parser` of its own
 * has asked for what that one makes.
 */
export function guardQuery(app: Express, parts: Parts): void {
  const above = () => Object.getPrototypeOf(app.request) as object
  Object.defineProperty(app.request, 'query', {
    configurable: true,
    enumerable: true,
    get(this: Request) {
      const query: unknown = Reflect.get(above(), 'query', this)
      if (this.app.get('query parser') === 'simple') refuseRepeated(parts, this, query)
      return query
    },
  })
}

/** From here on the query is a matter of a schema. */
export function markQueryCheck({ queries }: Parts, request: object): void {
  queries.set(request, 'checked')
}

function refuseRepeated(parts: Parts, request: Request, query: unknown): void {
  const { queries, security, slot, unreadable } = parts
  const mode = security.config.shield.validation
  const exchange = slot.get(request)
  const known = queries.get(request)
  if (mode === 'off' || known === 'checked' || !exchange) return
  const faults = Object.entries(query as object).flatMap(([name, value]) =>
    Array.isArray(value) ? [faultOf(name)] : [],
  )
  if (faults.length === 0) return
  const refusal = commonErrors.invalid_request({ faults: faults.slice(0, mostFaults) })
  if (known === undefined) {
    const noted = { control: 'validation', rule: refusal.code, exchange } as const
    security.parts.ground.shadow.note({ ...noted, enforced: mode === 'on', field: 'query' })
    queries.set(request, 'noted')
  }
  if (mode !== 'on') return
  unreadable.add(refusal)
  throw refusal
}

const mostFaults = 100

function faultOf(name: string): FieldFault {
  const detail = 'Send this parameter once. A list is taken only where a schema says so.'
  return { pointer: `#/query/${pointerStep(name)}`, code: 'repeated_parameter', detail }
}
