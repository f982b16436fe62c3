import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeRoot, openCommandLine } from '../test/command-line.ts'

const shell = openCommandLine()
const { json, type } = shell
const source = new URL('../src/index.ts', import.meta.url).href

/** An app of one file, whose roles the command line cannot know without it. */
function writeApp(access: object, name: string): void {
  const options = `{ ...${JSON.stringify({ access, logLevel: 'error' })}, masterKey: ${JSON.stringify(
    shell.env.MASTER_ENCRYPTION_KEY,
  )}, baseUrl: 'https://app.example.com', database: ${JSON.stringify(shell.env.DATABASE_URL)} }`
  const text = `import { createSecurity } from '${source}'\nexport const security = createSecurity(${options})\n`
  writeFileSync(join(shell.cwd, name), text)
}

const access = {
  resources: { projects: { columns: { owner_id: 'text' }, owner: 'owner_id' } },
  matrix: { user: { projects: { read: true, update: { owner: true } } } },
}

describe('access explain', { timeout: 60_000 }, () => {
  it('names the rule that decides, as a line and as JSON', async () => {
    await type(makeRoot)
    const line = 'access explain --user root@example.com --permission read:orders'
    expect((await type(line)).out).toBe(
      'read:orders: allowed\n  decided by  allow *, role super_admin',
    )
    expect(await json(line)).toMatchObject({
      allowed: true,
      reason: 'allowed',
      rule: { pattern: '*' },
    })
  })

  it("knows the app's roles by --app, and judges an object", async () => {
    await type(makeRoot)
    await type('users create --email ada@example.com --password -')
    for (const name of ['mine.mjs', 'other.mjs']) writeApp(access, name)
    const { id } = (await json('users list --search ada@'))[0]
    const ask = (app: string, object: object) =>
      type(
        `access explain --app ${app} --user ada@example.com --permission update:projects --object ${JSON.stringify(object)}`,
      )
    const rule = 'allow update:projects when {"owner":true}'
    expect(await ask('mine.mjs', { owner_id: id })).toMatchObject({
      code: 0,
      out: `update:projects: allowed\n  decided by  ${rule} (met), role user`,
    })
    const other = await ask('other.mjs', { owner_id: 'somebody' })
    expect(other.out).toContain('refused: the rules that reach it hold for some rows')
    expect(other.out).toContain(`${rule} (not met), role user`)
    expect(other.out).not.toContain('somebody')
  })

  it.each([
    ['--permission read:orders', 'needs --user ACCOUNT and --permission'],
    ['--user root@example.com', 'needs --user ACCOUNT and --permission'],
    ['--user root@example.com --permission a:b --object [1]', '--object is one object as JSON'],
    ['--user root@example.com --permission a:b --object {', '--object is one object as JSON'],
    ['--user root@example.com --permission a:b --level 3', '--level is 1 or 2'],
    ['--user nobody@example.com --permission a:b', "There is no account 'nobody@example.com'"],
    ['--app gone.mjs --user a@example.com --permission a:b', 'There is no '],
  ])('%s is refused with what is wrong', async (options, message) => {
    const { code, err, out } = await type(`access explain ${options}`)
    expect(code).not.toBe(0)
    expect(out).toBe('')
    expect(err).toContain(message)
  })
})
