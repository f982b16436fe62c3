import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Cast, openCast } from './testdata/cast.ts'
import { describeExample, openSite, type Site } from './testdata/site.ts'

const someone = randomUUID()
const deep = `${'{"name":'.repeat(200)}1${'}'.repeat(200)}`

const badBodies: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['no JSON', '{"name":'],
  ['a list', '[]'],
  ['a text', '"name"'],
  ['null', 'null'],
  ['an unknown field', { name: 'X', site: 'Y', title: 'X', userId: someone, owner_id: 'z' }],
  ['the owner', { name: 'X', site: 'Y', title: 'X', userId: someone, ownerId: someone }],
  ['wrong types', { name: 1, site: true, title: {}, status: 7, userId: 5, assigneeId: [] }],
  ['blanks', { name: '  ', site: '', title: ' ', userId: '', assigneeId: '' }],
  ['an unknown status', { status: 'gone' }],
  ['huge texts', { name: 'x'.repeat(101), site: 'x', title: 'x'.repeat(201), userId: 'x' }],
  ['a huge body', { name: 'x'.repeat(200_000) }],
  ['deep nesting', deep],
  ['__proto__', '{"__proto__":{"status":"done"},"name":"X","site":"Y","title":"X"}'],
  ['constructor', '{"constructor":{"prototype":{}},"name":"X","site":"Y","title":"X"}'],
  ['a key twice', '{"name":"X","name":"Z","site":"Y","title":"X"}'],
  ['NUL', '{"name":"a\\u0000b","site":"Y","title":"a\\u0000b","userId":"a\\u0000"}'],
]

describeExample('bad input', (engine) => {
  let site: Site
  let cast: Cast

  beforeAll(async () => {
    site = await openSite(engine)
    cast = await openCast(site)
  })

  afterAll(() => site?.close())

  it.each(badBodies)('refuses %s with 400 and changes nothing', async (title, bad) => {
    const { project, task } = await cast.scene()
    const asked = [
      ['POST', '/projects'],
      ['PATCH', `/projects/${project.id}`],
      ['POST', `/projects/${project.id}/members`],
      ['POST', `/projects/${project.id}/tasks`],
      ['PATCH', `/tasks/${task.id}`],
    ] as const
    const everything = async () => [
      (await site.call('GET', '/api/projects', cast.by('root'))).text,
      (await site.call('GET', `/api/projects/${project.id}/tasks`, cast.by('root'))).text,
      await site.store.projectsOf(someone),
    ]
    const before = await everything()
    for (const prefix of ['/api', '/api/v2']) {
      for (const [method, path] of asked) {
        const answer = await site.call(method, prefix + path, cast.by('manager'), bad)
        expect(answer.status, `${path}: ${answer.text}`).toBe(title === 'a huge body' ? 413 : 400)
        expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
        expect(answer.json.code).toEqual(expect.any(String))
      }
    }
    expect(await everything()).toEqual(before)
  })

  it('names the place of each fault', async () => {
    const body = { name: 7, site: 'x', owner_id: 'z' }
    const { json } = await site.call('POST', '/api/projects', cast.by('manager'), body)
    expect(json).toMatchObject({
      code: 'unknown_field',
      errors: [
        { pointer: '#/body/owner_id', code: 'unknown_field' },
        { pointer: '#/body/name', code: 'invalid_type' },
      ],
    })
  })

  const oddIds = ['%00', '%ff', '%2e%2e%2fetc', "'%20OR%201=1--", '%F0%9F%8F%97', 'x'.repeat(2_000)]
  it.each(oddIds)('finds nothing at the odd id %s', async (id) => {
    for (const path of [`/projects/${id}`, `/projects/${id}/tasks`]) {
      const { status } = await site.call('GET', `/api/v2${path}`, cast.by('manager'))
      expect([400, 404]).toContain(status)
    }
    const own = (await cast.scene()).project.id
    const path = `/api/v2/projects/${own}/members/${id}`
    expect([204, 400]).toContain((await site.call('DELETE', path, cast.by('manager'))).status)
  })

  it('takes every method at every path without breaking', async () => {
    const { project, task } = await cast.scene()
    for (const path of [
      '',
      `/${project.id}`,
      `/${project.id}/members`,
      `/${task.id}/tasks`,
      '/%20',
    ]) {
      for (const method of ['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'POST']) {
        const url = `/api/v2/projects${path}`
        expect((await site.call(method, url, cast.by('other'))).status).toBeLessThan(500)
      }
    }
  })
})
