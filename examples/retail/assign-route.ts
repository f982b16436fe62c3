import type { Request, RequestHandler, Response } from 'express'
import type { Origin } from 'holdfast/express'
import type { Assigner, AssignRequest, Giver } from './assign.ts'
import { callerOf } from './caller.ts'
import { assignPage, nowherePage } from './pages/assign-page.ts'
import type { RetailStore } from './store.ts'

export interface AssignParts {
  readonly store: RetailStore
  readonly assigner: Assigner
}

interface Shown {
  readonly form?: AssignRequest
  readonly faults?: readonly string[]
  /** Id of the person who was just assigned. */
  readonly saved?: string | undefined
}

const EMPTY: AssignRequest = { email: '', role: '', company: '', store: '' }

/** The form at `/assign`. */
export function assignFormRoute(parts: AssignParts): RequestHandler {
  return (request, response) => {
    const { saved } = request.query
    show(parts, { request, response }, { saved: typeof saved === 'string' ? saved : undefined })
  }
}

/** Takes the form. Afterwards the browser is sent back to it, so that a reload assigns nothing. */
export function assignRoute(parts: AssignParts): RequestHandler {
  return async (request, response) => {
    const form = readForm(request.body)
    const result = await parts.assigner.assign(form, giverOf(request, response))
    if (result.kind === 'assigned') {
      response.redirect(303, `/assign?saved=${encodeURIComponent(result.assignment.userId)}`)
      return
    }
    response.status(400)
    show(parts, { request, response }, { form, faults: result.faults })
  }
}

function giverOf(request: Request, response: Response): Giver {
  const { userId, roles } = callerOf(request)
  return { kind: 'user', userId, roles, origin: originOf(request, response) }
}

function originOf(request: Request, response: Response): Origin {
  const { ip, method, path } = request
  const userAgent = request.get('user-agent')?.slice(0, 300)
  return {
    requestId: String(response.getHeader('x-request-id')),
    sessionId: callerOf(request).sessionId,
    ...{ method, path },
    ...(ip ? { ip } : {}),
    ...(userAgent ? { userAgent } : {}),
  }
}

/** Shows the form and the people within the caller's reach. */
function show(
  { assigner, store }: AssignParts,
  { request, response }: { readonly request: Request; readonly response: Response },
  { form = EMPTY, faults = [], saved }: Shown,
): void {
  const viewer = callerOf(request)
  const giver = giverOf(request, response)
  const reach = assigner.reachOf(giver)
  if (reach.kind === 'none') {
    response.status(request.method === 'POST' ? 403 : 200).send(nowherePage(viewer))
    return
  }
  const within = (one: { readonly companyId: string }) =>
    reach.kind === 'everywhere' || one.companyId === reach.companyId
  const assignments = store.assignments().filter(within)
  const page = assignPage({
    viewer,
    form,
    faults,
    saved: assignments.find(({ userId }) => userId === saved)?.email,
    roles: assigner.rolesFor(giver),
    companies: store.companies().filter(within),
    stores: store.stores().filter(within),
    assignments,
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
