import { readFileSync } from 'node:fs'
import express, {
  type Express,
  type NextFunction,
  type RequestHandler,
  type Response,
} from 'express'
import type { Auth, ExpressSecurity } from 'holdfast/express'
import { Assigner } from './assign.ts'
import { assignFormRoute, assignRoute } from './assign-route.ts'
import { REPORT_ROLES, VIEWED } from './caller.ts'
import { HoldfastPeople } from './directory.ts'
import { companyOf, turnoverRoute } from './inventory-api.ts'
import { homePage } from './pages/home.ts'
import { ASSIGNER_ROLES, mayAssign } from './pages/layout.ts'
import { forbiddenPage, proofPage } from './pages/refusal.ts'
import { PROOF, provePage } from './proof.ts'
import { reportRoute, unassignedRoute } from './report-route.ts'
import type { RetailStore } from './store.ts'

export interface RetailParts {
  readonly security: ExpressSecurity
  readonly store: RetailStore
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** The whole app. Each route says who may call it; one that did not would answer 503. */
export function createRetailApp(parts: RetailParts): Express {
  const { security, store, now } = parts
  const assigner = new Assigner(store, new HoldfastPeople(security), now)
  const resource = companyOf(store)
  const forReport = security.guard({ anyRole: REPORT_ROLES }, { audit: VIEWED, resource })
  const viewed = security.audit(VIEWED, { resource })
  const forAssigners = security.guard({ anyRole: ASSIGNER_ROLES }, PROOF)
  const app = security.protect(express())
  app.use(explainRefusals(now))
  app.get('/', security.open(), (request, response) => {
    response.send(homePage(request.auth))
  })
  app.get('/static/retail.css', security.open(file('retail.css', 'css')))
  app.get('/favicon.ico', security.open(file('icon.svg', 'svg')))
  app.get('/api/inventory/turnover', forReport, turnoverRoute({ store, now }))
  app.get('/report', security.authenticate, unassignedRoute(parts), viewed, reportRoute(parts))
  app.get('/assign', forAssigners, assignFormRoute({ store, assigner }))
  app.post('/assign', forAssigners, assignRoute({ store, assigner }))
  app.use(security.errorHandler())
  return app
}

/**
 * A courtesy to people: without a session their page leads to the sign-in page, without the role it
 * says so, with an old proof it leads to a fresh one. The guards on the routes decide; they would
 * answer the same requests with a problem.
 */
function explainRefusals(now: () => number): RequestHandler {
  return (request, response, next) => {
    const path = request.path.toLowerCase().replace(/\/$/, '')
    const isGet = request.method === 'GET'
    const { auth } = request
    if (isGet && !auth && (path === '/report' || path === '/assign')) {
      response.redirect(303, `/account/sign-in?next=${encodeURIComponent(path)}`)
    } else if (auth && path === '/assign') {
      explainAssign({ auth, isGet, now: now() }, response, next)
    } else {
      next()
    }
  }
}

interface Asked {
  readonly auth: Auth
  readonly isGet: boolean
  /** Epoch milliseconds. */
  readonly now: number
}

function explainAssign({ auth, isGet, now }: Asked, response: Response, next: NextFunction): void {
  const prove = provePage(auth, { now, page: '/assign' })
  if (!mayAssign(auth)) {
    if (isGet) response.status(403).send(forbiddenPage(auth))
    else next()
  } else if (prove === undefined) {
    next()
  } else if (isGet) {
    response.redirect(303, prove)
  } else {
    response.status(401).send(proofPage(auth, prove))
  }
}

function file(name: string, type: string): RequestHandler {
  const bytes = readFileSync(new URL(`./static/${name}`, import.meta.url))
  return (_request, response) => {
    response.type(type).set('cache-control', 'public, max-age=300').send(bytes)
  }
}
