import { readFileSync } from 'node:fs'
import express, { type Express, type RequestHandler } from 'express'
import type { ExpressSecurity } from 'holdfast/express'
import { Assigner } from './assign.ts'
import { assignFormRoute, assignRoute } from './assign-route.ts'
import { REPORT_ROLES, VIEWED } from './caller.ts'
import { HoldfastPeople } from './directory.ts'
import { companyOf, turnoverRoute } from './inventory-api.ts'
import { homePage } from './pages/home.ts'
import { ASSIGNER_ROLES, mayAssign } from './pages/layout.ts'
import { forbiddenPage } from './pages/refusal.ts'
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
  const forAssigners = security.guard({ anyRole: ASSIGNER_ROLES })
  const app = security.protect(express())
  app.use(explainRefusals)
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
 * says so. The guards on the routes decide; they would answer the same requests with a problem.
 */
const explainRefusals: RequestHandler = (request, response, next) => {
  const path = request.path.toLowerCase().replace(/\/$/, '')
  const page = request.method === 'GET' && (path === '/report' || path === '/assign')
  if (page && !request.auth) {
    response.redirect(303, `/account/sign-in?next=${encodeURIComponent(path)}`)
  } else if (path === '/assign' && page && !mayAssign(request.auth)) {
    response.status(403).send(forbiddenPage(request.auth))
  } else {
    next()
  }
}

function file(name: string, type: string): RequestHandler {
  const bytes = readFileSync(new URL(`./static/${name}`, import.meta.url))
  return (_request, response) => {
    response.type(type).set('cache-control', 'public, max-age=300').send(bytes)
  }
}
