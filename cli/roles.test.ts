import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openCommandLine } from '../test/command-line.ts'

const shell = openCommandLine()
const entry = pathToFileURL(join(import.meta.dirname, '../src/index.ts')).href

/** An app on the database of the command line, with one declared resource. */
function writeApp(file: string): void {
  const secrets = `masterKey: '${shell.env.MASTER_ENCRYPTION_KEY}', baseUrl: 'http://localhost:3000'`
  writeFileSync(
    join(shell.cwd, file),
    `import { createSecurity } from ${JSON.stringify(entry)}
export const security = createSecurity({ ${secrets}, database: '${shell.env.DATABASE_URL}', logLevel: 'error', access: {
  resources: { tasks: { table: 'app.tasks', columns: { done: 'boolean' }, owner: 'owner_id' } },
  roles: { worker: { permissions: ['read:tasks'] } },
} })
`,
  )
}

describe('roles', { timeout: 60_000 }, () => {
  it('are made, shown, listed, changed and removed', async () => {
    const made = await shell.type(
      'roles set auditor --permissions read:orders,read:bills --deny read:orders:prices --description looks',
    )
    expect(made.out).toBe(
      [
        'auditor (custom, version 1)',
        '  looks',
        '  allows    read:orders',
        '  allows    read:bills',
        '  denies    read:orders:prices',
      ].join('\n'),
    )
    expect(await shell.json('roles show auditor')).toMatchObject({
      version: 1,
      deny: ['read:orders:prices'],
    })
    const changed = await shell.type('roles set auditor --inherits user --reason less')
    expect(changed.out).toContain('inherits  user')
    const listed = (await shell.type('roles list')).out
    expect(listed).toMatch(/auditor +custom +2 +all of user/)
    expect(listed).toMatch(/super_admin +system +\*/)
    expect((await shell.type('roles remove auditor')).out).toBe('Removed auditor.')
    const { code, err } = await shell.type('roles show auditor')
    expect([code, err]).toEqual([1, expect.stringContaining("no role 'auditor'")])
  })

  it('with conditions come from a file, and --app judges their words', async () => {
    for (const file of ['one.mjs', 'two.mjs', 'three.mjs']) writeApp(file)
    const rule = { permission: 'update:tasks', when: { column: 'done', equals: false } }
    const write = (definition: unknown) =>
      writeFileSync(join(shell.cwd, 'role.json'), JSON.stringify(definition))
    write({ permissions: [{ ...rule, when: { column: 'over', equals: false } }] })
    const wrong = await shell.type('roles set helper --file role.json --app one.mjs')
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('permissions[0].when')])
    write({ permissions: [rule], inherits: ['worker'] })
    const made = await shell.type('roles set helper --file role.json --app two.mjs')
    expect(made.out).toContain('update:tasks when {"column":"done","equals":false}')
    const { out } = await shell.type('access rls --app three.mjs')
    expect(out).toMatch(/'helper'/)
  })

  it('are not made without --app of a name that somebody holds, which the app may define', async () => {
    for (const file of ['one.mjs', 'two.mjs']) writeApp(file)
    await shell.type('users create --email ada@example.com --role user --password -')
    const { security } = await import(pathToFileURL(join(shell.cwd, 'one.mjs')).href)
    try {
      await security.ready({ jobs: false })
      await security.users.grantRole('ada@example.com', 'worker')
    } finally {
      await security.close()
    }
    const line = 'roles set worker --permissions read:orders'
    const blind = await shell.type(line)
    expect([blind.code, blind.err]).toEqual([1, expect.stringContaining('Give --app FILE')])
    expect((await shell.type('roles show worker')).code).toBe(1)
    const told = await shell.type(`${line} --app two.mjs`)
    expect([told.code, told.err]).toEqual([1, expect.stringContaining('belongs to the app')])
    expect((await shell.type('roles set free --permissions read:orders')).code).toBe(0)
    await shell.type('users create --email bob@example.com --role free --password -')
    expect((await shell.type('roles set free --permissions read:bills')).code).toBe(0)
  })

  it.each([
    ['roles set x', 2, '--permissions LIST'],
    ['roles set x --permissions read:a --file x.json', 2, 'not both'],
    ['roles set x --file none.json', 1, 'could not be read'],
    ['roles set admin --permissions read:orders', 1, 'belongs to the app or to Holdfast'],
    ['roles set x --permissions orders', 1, 'permissions[0]'],
    ['roles remove nothing', 1, 'no role of this name'],
  ])('%s ends with %d', async (line, code, told) => {
    const typed = await shell.type(line)
    expect([typed.code, typed.err]).toEqual([code, expect.stringContaining(told)])
  })
})
