import { request } from 'node:http'
import type { Express } from 'express'
import type { ExpressSecurity } from '../../src/adapters/express/index.ts'
import type { SecurityOptions } from '../../src/config/index.ts'
import type { OrganisationView } from '../../src/organisations/index.ts'
import { goodPassword, openSite, type Person, type Site } from './identity-kit.ts'

/** A row of the app that belongs to one organisation. */
export interface TenantRow extends Readonly<Record<string, unknown>> {
  readonly id: string
  readonly organisation_id: string
  readonly title: string
}

/** An answer as it came over the wire. */
export interface Told {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
  /** The body; undefined unless it is JSON. */
  readonly json: ReturnType<typeof JSON.parse>
}

/** What one request of a test says; `host` is the header. */
export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** One app with rows of several organisations. */
export interface TenantSite extends Site {
  readonly rows: TenantRow[]
  /** Sends a request with whatever headers, `Host` too. */
  ask(path: string, asked?: Asked): Promise<Told>
  organisation(slug: string): Promise<OrganisationView>
  /** An account that is signed in, a member of these with these roles there. */
  member(name: string, ...of: readonly Membership[]): Promise<Person>
}

type Membership = readonly [organisation: { readonly id: string }, ...roles: readonly string[]]

/**
 * The role `editor` says nothing of organisations, so that what keeps them apart is not written in it.
 * Of `ledger` nothing says whose its rows are; no row of `orders` belongs to an organisation.
 */
export const tenantAccess = {
  resources: {
    orders: { tenant: false },
    ledger: {},
    documents: {
      columns: { id: 'text', organisation_id: 'text', title: 'text' },
      tenant: 'organisation_id',
    },
  },
  roles: {
    editor: { permissions: ['read:documents', 'write:documents'] },
    local: {
      permissions: ['read:documents'],
      deny: [{ permission: 'read:documents', when: { not: { tenant: true } } }],
    },
  },
} as const

export async function openTenants(options: Partial<SecurityOptions> = {}): Promise<TenantSite> {
  const rows: TenantRow[] = []
  const site = await openSite(
    { access: tenantAccess, organisations: 'header', ...options },
    (app, security) => addRoutes(app, security, rows),
  )
  const { organisations, users } = site.security
  return {
    ...site,
    rows,
    ask: (path, asked) => ask(site.base, path, asked),
    organisation: (slug) => organisations.create({ slug, name: `The ${slug}` }),
    member: async (name, ...of) => {
      const email = `${name}@example.com`
      const { id } = await users.create({ email, password: goodPassword })
      for (const [{ id: organisation }, ...roles] of of) {
        await organisations.addMember(organisation, { userId: id, roles })
      }
      const { json } = await site.login(email, goodPassword)
      return { id, bearer: { authorization: `Bearer ${json.accessToken}` } }
    },
  }
}

/** Lists and single rows, in the organisation that a header, a host or the path names. */
function addRoutes(
  app: Express,
  { authenticate, guard, open }: ExpressSecurity,
  rows: TenantRow[],
) {
  const find = (id: unknown) => rows.find((row) => row.id === id)
  for (const [prefix, named] of [
    ['', {}],
    ['/of/:organisation', { organisation: 'organisation' }],
  ] as const) {
    app.get(
      `${prefix}/documents`,
      guard('read:documents', { rows: true, ...named }),
      (req, res) => {
        const mine = req.auth?.rows('read:documents')
        res.json({ documents: rows.filter((row) => mine?.check(row)) })
      },
    )
    const object = { object: (req: { params: Record<string, unknown> }) => find(req.params.id) }
    app.get(
      `${prefix}/documents/:id`,
      guard('read:documents', { ...object, ...named }),
      (req, res) => {
        res.json({ document: req.object })
      },
    )
    app.put(
      `${prefix}/documents/:id`,
      guard('write:documents', { ...object, ...named }),
      (req, res) => {
        res.json({ written: req.object })
      },
    )
  }
  app.get('/ledger', guard('read:ledger'), (_req, res) => {
    res.json({ ledger: 'of nobody knows whom' })
  })
  app.get('/documents-by-orders', guard('read:orders'), (req, res) => {
    const mine = req.auth?.rows('read:orders', 'documents')
    res.json({ documents: rows.filter((row) => mine?.check(row)) })
  })
  app.get('/inside', authenticate, (req, res) => {
    const { organisation, organisationRoles, roles } = req.auth ?? {}
    res.json({ organisation, organisationRoles, roles })
  })
  app.get('/who', open(), (req, res) => {
    res.json({ userId: req.auth?.userId, organisation: req.auth?.organisation })
  })
}

function ask(base: string, path: string, { body, headers = {}, method = 'GET' }: Asked = {}) {
  const { hostname, port } = new URL(base)
  const sent = body === undefined ? undefined : JSON.stringify(body)
  const type = sent === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise<Told>((resolve, reject) => {
    const call = request({ hostname, port, method, path, headers: { ...type, ...headers } })
    call.once('error', reject)
    call.once('response', (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        const isJson = /json/.test(answer.headers['content-type'] ?? '') && text !== ''
        const { headers: told, statusCode: status = 0 } = answer
        resolve({ status, headers: told, text, json: isJson ? JSON.parse(text) : undefined })
      })
    })
    call.end(sent)
  })
}

/** What of an answer could tell one organisation from another, were they not the same. */
export function looks({ headers, status, text }: Told): unknown {
  const same = Object.entries(headers).filter(([name]) => !volatile.has(name))
  return { status, headers: same, body: withoutRequestId(text) }
}

const volatile: ReadonlySet<string> = new Set([
  ...['date', 'x-request-id', 'ratelimit', 'ratelimit-policy', 'retry-after'],
  'content-security-policy',
])

function withoutRequestId(text: string): string {
  return text.replace(/"requestId":"[^"]*"/, '"requestId":""')
}
