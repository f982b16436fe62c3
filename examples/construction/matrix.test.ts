import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProjectRow } from './database.ts'
import { type Caller, type Cast, callers, openCast, type Scene } from './testdata/cast.ts'
import { comparable, describeExample, openSite, type Site } from './testdata/site.ts'

interface Row {
  readonly route: string
  readonly ask: (scene: Scene) => readonly [method: string, path: string, body?: unknown]
  /** One status for each caller, in their order. */
  readonly answers: readonly number[]
  readonly scene?: Partial<ProjectRow>
}

const newcomer = randomUUID()

const matrix: readonly Row[] = [
  {
    route: 'GET /projects',
    ask: () => ['GET', '/projects'],
    answers: [401, 200, 200, 200, 200, 200, 200, 200, 403, 401],
  },
  {
    route: 'POST /projects',
    ask: () => ['POST', '/projects', { name: 'School', site: 'Quay 1' }],
    answers: [401, 403, 403, 403, 201, 201, 201, 201, 403, 401],
  },
  {
    route: 'GET /projects/:id',
    ask: ({ project }) => ['GET', `/projects/${project.id}`],
    answers: [401, 404, 200, 200, 200, 404, 200, 200, 403, 401],
  },
  {
    route: 'PATCH /projects/:id',
    ask: ({ project }) => ['PATCH', `/projects/${project.id}`, { status: 'active' }],
    answers: [401, 403, 403, 403, 200, 404, 200, 200, 403, 401],
  },
  {
    route: 'DELETE /projects/:id of a planned one',
    ask: ({ project }) => ['DELETE', `/projects/${project.id}`],
    answers: [401, 403, 403, 403, 204, 404, 204, 204, 403, 401],
  },
  {
    route: 'DELETE /projects/:id of one under way',
    scene: { status: 'active' },
    ask: ({ project }) => ['DELETE', `/projects/${project.id}`],
    answers: [401, 403, 403, 403, 403, 404, 204, 403, 403, 401],
  },
  {
    route: 'POST /projects/:id/members',
    ask: ({ project }) => ['POST', `/projects/${project.id}/members`, { userId: newcomer }],
    answers: [401, 403, 403, 403, 204, 404, 204, 204, 403, 401],
  },
  {
    route: 'DELETE /projects/:id/members/:userId',
    ask: ({ project }) => ['DELETE', `/projects/${project.id}/members/${newcomer}`],
    answers: [401, 403, 403, 403, 204, 404, 204, 204, 403, 401],
  },
  {
    route: 'GET /projects/:id/tasks',
    ask: ({ project }) => ['GET', `/projects/${project.id}/tasks`],
    answers: [401, 404, 200, 200, 200, 404, 200, 200, 403, 401],
  },
  {
    route: 'POST /projects/:id/tasks',
    ask: ({ project }) => ['POST', `/projects/${project.id}/tasks`, { title: 'Dig' }],
    answers: [401, 404, 403, 403, 201, 404, 201, 201, 403, 401],
  },
  {
    route: 'PATCH /tasks/:id',
    ask: ({ task }) => ['PATCH', `/tasks/${task.id}`, { status: 'done' }],
    answers: [401, 404, 403, 200, 200, 404, 200, 200, 403, 401],
  },
  {
    route: 'GET /tasks/:id/photos',
    ask: ({ task }) => ['GET', `/tasks/${task.id}/photos`],
    answers: [401, 404, 200, 200, 200, 404, 200, 200, 403, 401],
  },
  {
    route: 'POST /tasks/:id/photos',
    ask: ({ task }) => ['POST', `/tasks/${task.id}/photos`, { photos: 'none' }],
    answers: [401, 404, 403, 415, 415, 404, 415, 415, 403, 401],
  },
  {
    route: 'GET /tasks/:id/photos/:id',
    ask: ({ task }) => ['GET', `/tasks/${task.id}/photos/${newcomer}`],
    answers: [401, 404, 404, 404, 404, 404, 404, 404, 403, 401],
  },
]

/** Routes about one project or task. */
const hidden = matrix.filter(({ route }) => route.includes(':'))

/** Where sessions alone are taken, a key that works is no person, and one that does not is nobody. */
function expected({ answers }: Row, caller: Caller, prefix: string): number | undefined {
  const isKey = caller === 'key' || caller === 'narrow'
  return prefix === '/api' && isKey ? 403 : answers[callers.indexOf(caller)]
}

describeExample('who may call what', (engine) => {
  let site: Site
  let cast: Cast

  beforeAll(async () => {
    site = await openSite(engine)
    cast = await openCast(site)
  })

  afterAll(() => site?.close())

  describe.each(['/api', '/api/v2'])('%s', (prefix) => {
    it.each(matrix)('$route is answered to each as the matrix says', async (row) => {
      for (const caller of callers) {
        const [method, path, body] = row.ask(await cast.scene(row.scene))
        const answer = await site.call(method, prefix + path, cast.by(caller), body)
        expect(answer.status, `${caller}: ${answer.text}`).toBe(expected(row, caller, prefix))
        if (answer.status < 400) continue
        expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
        if (caller === 'dead') expect(answer.json.code).toBe('api_key_invalid')
        const isPersonAsked = prefix === '/api' && (caller === 'key' || caller === 'narrow')
        if (isPersonAsked) expect(answer.json.code).toBe('session_required')
      }
    })

    it.each(hidden)('$route tells a hidden one by nothing from an absent one', async (row) => {
      const real = await cast.scene(row.scene)
      const renamed = (id: string): Scene => ({
        project: { ...real.project, id },
        task: { ...real.task, id },
      })
      for (const caller of ['nobody', 'mason', 'other', 'narrow', 'dead'] as const) {
        const ask = async (scene: Scene) => {
          const [method, path, body] = row.ask(scene)
          return comparable(await site.call(method, prefix + path, cast.by(caller), body))
        }
        const answer = await ask(real)
        expect(await ask(renamed(randomUUID())), caller).toEqual(answer)
        expect(await ask(renamed('nope')), caller).toEqual(answer)
      }
    })
  })

  it('the matrix names every route of the app', () => {
    const { app, security } = site
    const listed = security
      .manifest(app)
      .filter(({ path, unclassified }) => path.startsWith('/api/v2/') && !unclassified)
      .map(({ method, path }) => `${method} ${path.slice('/api/v2'.length).replace(/\/$/, '')}`)
    const asked = matrix.map(({ route }) => route.split(' ').slice(0, 2).join(' '))
    const plain = (route: string) => route.replace(/:\w+/g, ':id')
    expect(new Set(listed.map(plain))).toEqual(new Set(asked.map(plain)))
  })
})
