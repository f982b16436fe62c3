import type { Request, RequestHandler, Response } from 'express'
import type { Origin } from 'holdfast/express'
import type { Assigner, AssignRequest, Giver } from './assign.ts'
import { callerOf, placeOf } from './caller.ts'
import type { Companies, Member } from './companies.ts'
import { assignPage, nowherePage } from './pages/assign-page.ts'
import type { RetailStore } from './store.ts'

export interface AssignParts {
  readonly store: RetailStore
  readonly assigner: Assigner
  readonly companies: Companies
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
  return async (request, response) => {
    const { saved } = request.query
    await show(
      parts,
      { request, response },
      { saved: typeof saved === 'string' ? saved : undefined },
    )
  }
}

/** Takes the form. Afterwards the browser is sent back to it, so that a reload assigns nothing. */
export function assignRoute(parts: AssignParts): RequestHandler {
  return async (request, response) => {
    const form = readForm(request.body)
    const result = await parts.assigner.assign(form, giverOf(parts, { request, response }))
    if (result.kind === 'assigned') {
      response.redirect(303, `/assign?saved=${encodeURIComponent(result.assignment.userId)}`)
      return
    }
    response.status(400)
    await show(parts, { request, response }, { form, faults: result.faults })
  }
}

interface Pair {
  readonly request: Request
  readonly response: Response
}

function giverOf({ store }: AssignParts, { request, response }: Pair): Giver {
  const auth = callerOf(request)
  const { companyId } = placeOf(auth, store) ?? {}
  return {
    ...{
      kind: 'user',
      userId: auth.userId,
      roles: [...auth.roles, ...(auth.organisationRoles ?? [])],
    },
    ...{ origin: originOf(request, response) },
    ...(companyId === undefined ? {} : { companyId }),
  }
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
async function show(
  parts: AssignParts,
  { request, response }: Pair,
  { form = EMPTY, faults = [], saved }: Shown,
): Promise<void> {
  const { assigner, companies, store } = parts
  const viewer = callerOf(request)
  const giver = giverOf(parts, { request, response })
  const reach = assigner.reachOf(giver)
  if (reach.kind === 'none') {
    response.status(request.method === 'POST' ? 403 : 200).send(nowherePage(viewer))
    return
  }
  const within = (one: { readonly companyId: string }) =>
    reach.kind === 'everywhere' || one.companyId === reach.companyId
  const shown = store.companies().filter(within)
  const members = await membersOf(companies, shown)
  const page = assignPage({
    viewer,
    form,
    faults,
    saved: members.find(({ userId }) => userId === saved)?.email,
    roles: assigner.rolesFor(giver),
    companies: shown,
    stores: store.stores().filter(within),
    members,
  })
  response.send(page)
}

async function membersOf(
  companies: Companies,
  shown: readonly { readonly companyId: string }[],
): Promise<readonly Member[]> {
  const lists = await Promise.all(shown.map(({ companyId }) => companies.membersOf(companyId)))
  return lists.flat().sort((one, other) => (one.email < other.email ? -1 : 1))
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
