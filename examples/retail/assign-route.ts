import type { Request, RequestHandler, Response } from 'express'
import { ASSIGNABLE_ROLES, type Assigner, type AssignRequest } from './assign.ts'
import { callerOf } from './caller.ts'
import { assignPage } from './pages/assign-page.ts'
import type { RetailStore } from './store.ts'

export interface AssignParts {
  readonly store: RetailStore
  readonly assigner: Assigner
}

interface Shown {
  readonly form?: AssignRequest
  readonly faults?: readonly string[]
  readonly saved?: string | undefined
}

const EMPTY: AssignRequest = { email: '', role: '', company: '', store: '' }

/** The form at `/assign`. */
export function assignFormRoute(parts: AssignParts): RequestHandler {
  return (request, response) => {
    const { saved } = request.query
    const person = typeof saved === 'string' ? parts.store.findAssignment(saved) : undefined
    show(parts, { request, response }, { saved: person?.email })
  }
}

/** Takes the form. Afterwards the browser is sent back to it, so that a reload assigns nothing. */
export function assignRoute(parts: AssignParts): RequestHandler {
  return async (request, response) => {
    const form = readForm(request.body)
    const { userId, roles } = callerOf(request)
    const result = await parts.assigner.assign(form, { kind: 'user', userId, roles })
    if (result.kind === 'assigned') {
      response.redirect(303, `/assign?saved=${encodeURIComponent(result.assignment.userId)}`)
      return
    }
    response.status(400)
    show(parts, { request, response }, { form, faults: result.faults })
  }
}

function show(
  { store }: AssignParts,
  { request, response }: { readonly request: Request; readonly response: Response },
  { form = EMPTY, faults = [], saved }: Shown,
): void {
  const page = assignPage({
    viewer: callerOf(request),
    form,
    faults,
    saved,
    roles: ASSIGNABLE_ROLES,
    companies: store.companies(),
    stores: store.stores(),
    assignments: store.assignments(),
  })
  response.send(page)
}

/** Fields that are missing, repeated or no text count as empty. */
function readForm(body: unknown): AssignRequest {
  const fields = typeof body === 'object' && body !== null ? body : {}
  const field = (name: string): string => {
    const value: unknown = Object.hasOwn(fields, name) ? Reflect.get(fields, name) : ''
    return typeof value === 'string' ? value : ''
  }
  return {
    email: field('email'),
    role: field('role'),
    company: field('company'),
    store: field('store'),
  }
}
