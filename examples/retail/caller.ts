import type { Request, RequestHandler, Response } from 'express'
import type { Auth } from 'holdfast/express'
import type { Companies, Membership } from './companies.ts'
import { type Place, REPORT_ROLES, type ScopeResult, scopeOf } from './scope.ts'
import type { RetailStore } from './store.ts'

/** The action under which looking at the report is recorded. */
export const VIEWED = 'report.turnover.viewed'

/** The caller of a request behind a guard. */
export function callerOf(request: Request): Auth {
  if (!request.auth) throw new Error('this route has no guard')
  return request.auth
}

/** Where the caller is, in the company that the route names and the guard has entered. */
export function placeOf({ organisation, userId }: Auth, store: RetailStore): Place | undefined {
  const companyId = organisation === undefined ? undefined : store.companyOf(organisation)
  if (companyId === undefined) return undefined
  return { companyId, storeId: store.findMemberStore({ companyId, userId }) }
}

/** The rows that the caller may see, read anew at each request. */
export function scopeFor(auth: Auth, store: RetailStore): ScopeResult {
  return scopeOf(auth, placeOf(auth, store))
}

/** Pages and the API as people know them. Each stands for the same in their company. */
const SHORT_PATHS: readonly string[] = ['/', '/report', '/assign', '/api/inventory/turnover']

/** Finds the company of whoever is signed in, for the pages and for `inOwnCompany`. */
export function findCompany(companies: Companies): RequestHandler {
  return async ({ auth, path }, response, next) => {
    if (auth && SHORT_PATHS.includes(plain(path))) {
      const own = await companies.membershipsOf(auth.userId)
      const isUsed = ({ roles }: Membership) => roles.some((role) => REPORT_ROLES.includes(role))
      response.locals.membership = own.find(isUsed) ?? own[0]
    }
    next()
  }
}

/**
 * Leads `/report` and its like to the company of the person who asks: `/companies/{company}/report`.
 * Its guard enters the company by Holdfast and decides; who has no role in one stays where she is.
 */
export function inOwnCompany(store: RetailStore): RequestHandler {
  return (request, response, next) => {
    const path = plain(request.path)
    const membership = membershipIn(response)
    const roles = viewerOf(request, response)?.roles ?? []
    const organisation = membership && store.organisationOf(membership.companyId)
    if (organisation !== undefined && isLed(path, roles)) {
      request.url = `/companies/${organisation}${request.url}`
    }
    next()
  }
}

/** The super administrator assigns everywhere, so her form is in no company. */
function isLed(path: string, roles: readonly string[]): boolean {
  if (path === '/assign') return roles.includes('admin') && !roles.includes('super_admin')
  const isReport = path === '/report' || path === '/api/inventory/turnover'
  return isReport && roles.some((role) => REPORT_ROLES.includes(role))
}

/** Who looks at a page, with the roles held everywhere and those in their company. */
export function viewerOf(request: Request, response: Response) {
  const { auth } = request
  const roles = [...(auth?.roles ?? []), ...(membershipIn(response)?.roles ?? [])]
  return auth && { roles }
}

function membershipIn(response: Response): Membership | undefined {
  return response.locals.membership as Membership | undefined
}

/** As Express compares paths: in any case, with a slash at the end or without. */
export function plain(path: string): string {
  return path.toLowerCase().replace(/(?<=.)\/$/, '')
}
