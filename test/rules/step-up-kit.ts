import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type GuardedListener, listener } from '../../src/adapters/node/index.ts'
import type { SecurityOptions } from '../../src/config/index.ts'
import { send } from '../nodes/nodes.ts'
import { cheapHashes } from './guessing-kit.ts'
import { openSite, type Site } from './identity-kit.ts'
import { freshCode, type TotpPerson, type Visitor, visitor } from './second-factor-kit.ts'

export const minuteMs = 60_000
export const withinMs = 5 * minuteMs

/** The site of the other kits with routes that ask for a proof, once by Express and once by node:http. */
export interface StepUpSite extends Site {
  /** `GET` of a path of the listener for node:http over the same security. */
  byNode(path: string, headers?: Record<string, string>): ReturnType<Site['get']>
}

export async function openStepUpSite(options: Partial<SecurityOptions> = {}): Promise<StepUpSite> {
  const all = { captcha: 'none', stepUp: { within: '5m' }, ...options } as const
  const site = await openSite(all, (app, security) => {
    const proof = { within: '5m', level: 2 } as const
    const { guard } = security
    app.get('/payroll', guard('read:payroll', proof), (_req, res) => void res.json({}))
    app.get('/roles', guard({ anyRole: ['manager'] }, proof), (_req, res) => void res.json({}))
    app.all('/resource', guard.resource('payroll', proof), (_req, res) => void res.json({}))
    app.get('/recent', guard('read:payroll', { within: '5m' }), (_req, res) => void res.json({}))
    app.get('/high', guard('read:payroll', { level: 2 }), (_req, res) => void res.json({}))
    app.get('/plain', guard('read:payroll'), (_req, res) => void res.json({}))
    app.get('/role', guard({ anyRole: ['manager'] }), (_req, res) => void res.json({}))
    app.get('/me', security.authenticate, (req, res) => {
      res.json({ can: req.auth?.can('read:payroll') })
    })
    app.get('/anybody', security.authenticate.anyLevel, (req, res) => {
      res.json({ can: req.auth?.can('read:payroll') })
    })
  })
  cheapHashes(site)
  const handler: GuardedListener = (request, response, guarded) => {
    if (request.url === '/payroll') guarded.require('read:payroll', { within: '5m', level: 2 })
    else guarded.require('read:payroll')
    response.end('{}')
  }
  const server = createServer(listener(site.security, handler)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    ...site,
    byNode: (path, headers = {}) => send(base + path, { headers }),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
      await site.close()
    },
  }
}

/** A client with a bearer token, which a step-up replaces. */
export interface Caller {
  readonly visitor: Visitor
  bearer: Record<string, string>
}

/** Signs in with both factors. */
export async function withBoth(site: Site, person: TotpPerson): Promise<Caller> {
  const browser = visitor(site)
  const { json } = await browser.login(person.email, { mfaCode: await freshCode(site, person) })
  return { visitor: browser, bearer: { authorization: `Bearer ${json.accessToken}` } }
}

/** Signs in by the password alone from a browser that is trusted: a session of level 1. */
export async function withPassword(site: Site, person: TotpPerson): Promise<Caller> {
  const browser = visitor(site)
  const first = await browser.login(person.email)
  const code = await freshCode(site, person)
  await browser.prove(first.json.flow, { method: 'totp', code, trustDevice: true })
  const { json } = await browser.login(person.email)
  if (json.status !== 'signed_in') throw new Error(`${person.email}: ${json.status}`)
  return { visitor: browser, bearer: { authorization: `Bearer ${json.accessToken}` } }
}

/** Steps up; of one that is accepted the caller keeps the new token. */
export async function stepUp(caller: Caller, proof: object) {
  const answer = await caller.visitor.post('/auth/step-up', proof, caller.bearer)
  if (answer.status === 200 && answer.json.accessToken !== undefined) {
    caller.bearer = { authorization: `Bearer ${answer.json.accessToken}` }
  }
  return answer
}
