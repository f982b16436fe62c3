import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openCommandLine } from '../test/command-line.ts'

const shell = openCommandLine()
const entry = pathToFileURL(join(import.meta.dirname, '../src/index.ts')).href

/** An app of two resources, one of which is no table. */
function writeApp(access: string, file = 'app.mjs'): void {
  const secrets = `masterKey: '${shell.env.MASTER_ENCRYPTION_KEY}', baseUrl: 'http://localhost:3000'`
  writeFileSync(
    join(shell.cwd, file),
    `import { createSecurity } from ${JSON.stringify(entry)}
export const security = createSecurity({ ${secrets}, database: 'sqlite::memory:', logLevel: 'error', access: ${access} })
`,
  )
}

const tasks = `{
  resources: { tasks: { table: 'app.tasks', columns: { done: 'boolean' }, owner: 'owner_id' }, reports: {} },
  roles: { worker: { permissions: ['read:tasks', { permission: 'update:tasks', when: { owner: true } }] } },
}`

describe('access rls', { timeout: 60_000 }, () => {
  it('writes one policy a command for each resource that is a table', async () => {
    writeApp(tasks)
    const { code, out } = await shell.type('access rls --app app.mjs')
    expect(code).toBe(0)
    expect(out).toContain('alter table "app"."tasks" force row level security;')
    for (const action of ['read', 'create', 'update', 'delete']) {
      expect(out).toContain(`create policy holdfast_${action} on "app"."tasks" `)
    }
    expect(out).not.toContain('reports')
    expect(out).toMatch(/holdfast_update on .*'update:tasks'.*array\['worker'\].*"owner_id"/s)
  })

  it('writes to a file when it is told to', async () => {
    for (const file of ['one.mjs', 'two.mjs', 'three.mjs']) writeApp(tasks, file)
    const { out } = await shell.type('access rls --app one.mjs')
    const told = await shell.type('access rls --app two.mjs --write rows.sql')
    expect(told.out).toBe('Wrote rows.sql.')
    expect(readFileSync(join(shell.cwd, 'rows.sql'), 'utf8')).toBe(out)
    expect(await shell.json('access rls --app three.mjs')).toEqual({ sql: out })
  })

  it('fails, and writes nothing, for two resources of one table', async () => {
    writeApp(`{ resources: { tasks: { table: 'things' }, jobs: { table: 'things' } } }`)
    const { code, err } = await shell.type('access rls --app app.mjs --write rows.sql')
    expect(code).toBe(1)
    expect(err).toContain("'tasks' and 'jobs' name the same table 'things'")
    expect(() => readFileSync(join(shell.cwd, 'rows.sql'))).toThrow()
  })

  it.each([
    ['access rls', 2, '--app FILE'],
    ['access rls --app nowhere.mjs', 1, 'There is no '],
  ])('%s ends with %d', async (line, code, told) => {
    const typed = await shell.type(line)
    expect(typed.code).toBe(code)
    expect(typed.err).toContain(told)
  })
})
