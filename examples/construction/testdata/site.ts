import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Express } from 'express'
import type { RowFilter } from 'holdfast'
import type { ExpressSecurity } from 'holdfast/express'
import { createTestSecurity, type TestSecurity } from 'holdfast/testing'
import { type SqlBool, sql } from 'kysely'
import { generateSync } from 'otplib'
import { describe } from 'vitest'
import { isAvailable } from '../../../test/services/binaries.ts'
import { type EngineName, freshDatabase } from '../../../test/services/fresh-database.ts'
import { createConstructionApp } from '../app.ts'
import { connectTables, type ProjectRow, type TaskRow } from '../database.ts'
import { constructionSecurity } from '../holdfast.ts'
import { holdfastDatabase, type Settings } from '../settings.ts'
import { ConstructionStore } from '../store.ts'

/** An answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: ReturnType<typeof JSON.parse>
}

/** Headers that prove who is calling. */
export type Credential = Readonly<Record<string, string>>

/** Somebody with an account, signed in. */
export interface Person {
  readonly id: string
  readonly email: string
  readonly password: string
  readonly credential: Credential
  /** Of the authenticator app of those whose role demands one. */
  readonly secret?: string
}

/** The example, listening on a database of its own. */
export interface Site extends TestSecurity<ExpressSecurity> {
  readonly app: Express
  readonly store: ConstructionStore
  /** Where it listens. */
  readonly base: string
  call(method: string, path: string, by?: Credential, body?: unknown): Promise<Answer>
  /** An active account of these roles, with a session; managers set a second factor up on the way. */
  person(roles?: readonly string[]): Promise<Person>
  /** Signs in by password; where a second factor is demanded the answer asks for it. */
  signIn(person: Pick<Person, 'email' | 'password'>): Promise<Answer>
  /** The code that an authenticator app shows now. */
  code(secret: string): string
  /** A key of somebody's own with these scopes. */
  key(owner: Person, scopes: readonly string[]): Promise<Credential>
  project(owner: Person, more?: Partial<ProjectRow>): Promise<ProjectRow>
  task(project: ProjectRow, assignee?: Person): Promise<TaskRow>
  /** Puts somebody on a project, whoever owns it, and takes them off. */
  join(project: ProjectRow, person: Person): Promise<void>
  leave(project: Pick<ProjectRow, 'id'>, person: Person): Promise<void>
}

/** Starts it; close it in `afterAll`. */
export async function openSite(engine: EngineName): Promise<Site> {
  const fresh = await freshDatabase(engine)
  const dataDir = await mkdtemp(join(tmpdir(), 'construction-'))
  const settings: Settings = {
    ...{ dataDir, port: 3100 },
    ...(engine === 'sqlite' ? {} : { databaseUrl: fresh.url }),
  }
  const kit = await createTestSecurity(
    { database: holdfastDatabase(settings) },
    (options) => constructionSecurity(settings, options) as ExpressSecurity,
  )
  const store = new ConstructionStore(connectTables(settings))
  await store.ready()
  const now = () => kit.clock.now()
  const app = createConstructionApp({ security: kit.security, store, now })
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const call = caller(base)
  return {
    ...{ ...kit, app, base, store, call },
    ...people(kit, call),
    ...rows(store, now),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
      await kit.close()
      await store.close()
      await fresh.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function caller(base: string): Site['call'] {
  return async (method, path, by = {}, body) => {
    const isText = typeof body === 'string'
    const response = await fetch(base + path, {
      ...{ method, redirect: 'manual' },
      headers: { ...by, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    const json = isJson && text ? JSON.parse(text) : undefined
    return { status: response.status, headers: response.headers, text, json }
  }
}

function people({ clock, security }: TestSecurity<ExpressSecurity>, call: Site['call']) {
  const code: Site['code'] = (secret) =>
    generateSync({ secret, epoch: Math.floor(clock.now() / 1_000) })
  const signIn: Site['signIn'] = ({ email, password }) =>
    call('POST', '/auth/login', {}, { email, password, transport: 'body' })
  const person: Site['person'] = async (roles = ['user']) => {
    const [email, password] = [`p-${randomUUID()}@construction.example`, randomUUID()]
    const { id } = await security.users.create({ email, password, roles })
    const first = await signIn({ email, password })
    if (first.status !== 200) throw new Error(first.text)
    const { accessToken, flow } = first.json
    const own = { id, email, password }
    if (accessToken) return { ...own, credential: bearer(accessToken) }
    const setup = await call('POST', '/auth/login/enrol/totp/setup', {}, { flow })
    const { secret } = setup.json
    const proof = { flow, code: code(secret) }
    const last = await call('POST', '/auth/login/enrol/totp/enable', {}, proof)
    if (last.status !== 200) throw new Error(last.text)
    return { ...own, secret, credential: bearer(last.json.accessToken) }
  }
  const key: Site['key'] = async (owner, scopes) => {
    const made = await call('POST', '/api/keys', owner.credential, { name: 'ci', scopes })
    if (made.status !== 201) throw new Error(made.text)
    return { 'x-api-key': made.json.key }
  }
  return { code, key, person, signIn }
}

/** Headers of an access token. */
export function bearer(token: string): Credential {
  return { authorization: `Bearer ${token}` }
}

/** What a test lays out asks no rule. */
const everyRow: Pick<RowFilter, 'kysely'> = { kysely: () => sql<SqlBool>`1 = 1` }

function rows(store: ConstructionStore, now: () => number) {
  const project: Site['project'] = async (owner, more = {}) => {
    const row: ProjectRow = {
      ...{ id: randomUUID(), name: `name ${randomUUID()}`, site: `site ${randomUUID()}` },
      ...{ status: 'planned', owner_id: owner.id, created_at: now(), ...more },
    }
    await store.addProject(row)
    return row
  }
  const task: Site['task'] = async (of, assignee) => {
    const row: TaskRow = {
      ...{ id: randomUUID(), project_id: of.id, title: `title ${randomUUID()}`, status: 'open' },
      ...{ assignee_id: assignee?.id ?? null, created_by: of.owner_id, created_at: now() },
    }
    await store.addTask(row)
    return row
  }
  const join: Site['join'] = async (project, person) => {
    const member = { project_id: project.id, user_id: person.id, added_at: now() }
    if (!(await store.addMember(member, everyRow))) throw new Error('there is no such project')
  }
  const leave: Site['leave'] = async (project, person) => {
    const member = { project_id: project.id, user_id: person.id }
    if (!(await store.removeMember(member, everyRow))) throw new Error('there is no such project')
  }
  return { join, leave, project, task }
}

/** What of an answer could tell one request from another, were they not the same. */
export function comparable({ headers, status, text }: Answer): unknown {
  const changing = ['x-request-id', 'date', 'ratelimit', 'content-security-policy']
  return {
    status,
    headers: [...headers].filter(([name]) => !changing.includes(name)),
    body: text.replace(/"requestId":"[0-9a-f-]{36}"/, '"requestId":""'),
  }
}

/** One suite on SQLite and one on PostgreSQL, which the example runs on. */
export function describeExample(title: string, suite: (engine: EngineName) => void): void {
  const isHere = isAvailable('postgres')
  describe(`${title} [sqlite]`, () => suite('sqlite'))
  describe.skipIf(!isHere)(`${title} [postgres]`, () => suite('postgres'))
}
