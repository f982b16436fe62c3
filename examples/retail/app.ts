import { readFileSync } from 'node:fs'
import express, {
  type Express,
  type NextFunction,
  type RequestHandler,
  type Response,
  Router,
} from 'express'
import type { Auth, ExpressSecurity } from 'holdfast/express'
import { Assigner } from './assign.ts'
import { type AssignParts, assignFormRoute, assignRoute } from './assign-route.ts'
import { findCompany, inOwnCompany, plain, VIEWED, viewerOf } from './caller.ts'
import { Companies } from './companies.ts'
import { HoldfastPeople } from './directory.ts'
import { companyOf, turnoverRoute } from './inventory-api.ts'
import { homePage } from './pages/home.ts'
import { ASSIGNER_ROLES, mayAssign, type Viewer } from './pages/layout.ts'
import { forbiddenPage, proofPage } from './pages/refusal.ts'
import { PROOF, provePage } from './proof.ts'
import { reportRoute, unassignedRoute } from './report-route.ts'
import { REPORT_ROLES } from './scope.ts'
import { SHOPIFY_TOPICS, shopifyHandler } from './shopify.ts'
import type { ShopifyStock } from './shopify-stock.ts'
import type { RetailStore } from './store.ts'

export interface RetailParts {
  readonly security: ExpressSecurity
  readonly store: RetailStore
  /** Without it there is no webhook. */
  readonly shopify?: Shopify
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** What the webhook of the shop needs. */
export interface Shopify {
  readonly secret: string
  readonly stock: ShopifyStock
}

/** The whole app. Each route says who may call it; one that did not would answer 503. */
export function createRetailApp(parts: RetailParts): Express {
  const { security, store, now } = parts
  const companies = new Companies(security, store)
  const assigner = new Assigner(store, new HoldfastPeople(security, companies))
  const assignment = { store, assigner, companies }
  const resource = companyOf(store)
  const forReport = security.guard({ anyRole: REPORT_ROLES }, { audit: VIEWED, resource })
  const forAssigners = security.guard({ anyRole: ASSIGNER_ROLES }, PROOF)
  const app = security.protect(express())
  app.use(findCompany(companies), explainRefusals(now), inOwnCompany(store))
  app.get('/', security.open(), (request, response) => {
    response.send(homePage(viewerOf(request, response)))
  })
  app.get('/static/retail.css', security.open(file('retail.css', 'css')))
  app.get('/favicon.ico', security.open(file('icon.svg', 'svg')))
  app.use('/companies/:company', companyRoutes(parts, assignment))
  app.get('/api/inventory/turnover', forReport, turnoverRoute({ store, now }))
  app.get('/report', security.authenticate, unassignedRoute(parts))
  app.get('/assign', forAssigners, assignFormRoute(assignment))
  app.post('/assign', forAssigners, assignRoute(assignment))
  if (parts.shopify) app.post('/webhook/shopify', shopifyRoute(security, parts.shopify))
  app.use(security.errorHandler())
  return app
}

/** Verified, answered and then handled, once. While the secret is changed, give the new and the old one. */
function shopifyRoute(security: ExpressSecurity, shopify: Shopify): RequestHandler {
  const options = { secrets: [shopify.secret], topics: SHOPIFY_TOPICS }
  return security.webhook('shopify', options, shopifyHandler(shopify.stock))
}

/**
 * The same inside a company, whose roles count here. For whoever does not belong to it there is no such
 * company, and the guards say so.
 */
function companyRoutes(parts: RetailParts, assignment: AssignParts): Router {
  const { security, store } = parts
  const organisation = 'company'
  const resource = companyOf(store)
  const anyRole = REPORT_ROLES
  const forReport = security.guard({ anyRole }, { organisation, audit: VIEWED, resource })
  const forPage = security.guard({ anyRole }, { organisation })
  const viewed = security.audit(VIEWED, { resource })
  const forAdmins = security.guard({ anyRole: ['admin'] }, { organisation, ...PROOF })
  const routes = Router({ mergeParams: true })
  routes.get('/api/inventory/turnover', forReport, turnoverRoute(parts))
  routes.get('/report', forPage, unassignedRoute(parts), viewed, reportRoute(parts))
  routes.get('/assign', forAdmins, assignFormRoute(assignment))
  routes.post('/assign', forAdmins, assignRoute(assignment))
  return routes
}

/**
 * A courtesy to people: without a session their page leads to the sign-in page, without the role it
 * says so, with an old proof it leads to a fresh one. The guards on the routes decide; they would
 * answer the same requests with a problem.
 */
function explainRefusals(now: () => number): RequestHandler {
  return (request, response, next) => {
    const path = plain(request.path)
    const isGet = request.method === 'GET'
    const { auth } = request
    const viewer = viewerOf(request, response)
    if (isGet && !auth && (path === '/report' || path === '/assign')) {
      response.redirect(303, `/account/sign-in?next=${encodeURIComponent(path)}`)
    } else if (auth && viewer && path === '/assign') {
      explainAssign({ auth, viewer, isGet, now: now() }, response, next)
    } else {
      next()
    }
  }
}

interface Asked {
  readonly auth: Auth
  readonly viewer: Viewer
  readonly isGet: boolean
  /** Epoch milliseconds. */
  readonly now: number
}

function explainAssign(
  { auth, isGet, now, viewer }: Asked,
  response: Response,
  next: NextFunction,
): void {
  const prove = provePage(auth, { now, page: '/assign' })
  if (!mayAssign(viewer)) {
    if (isGet) response.status(403).send(forbiddenPage(viewer))
    else next()
  } else if (prove === undefined) {
    next()
  } else if (isGet) {
    response.redirect(303, prove)
  } else {
    response.status(401).send(proofPage(viewer, prove))
  }
}

function file(name: string, type: string): RequestHandler {
  const bytes = readFileSync(new URL(`./static/${name}`, import.meta.url))
  return (_request, response) => {
    response.type(type).set('cache-control', 'public, max-age=300').send(bytes)
  }
}
