import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { makeRoot, openCommandLine, password } from '../test/command-line.ts'
import { fakeTerminal } from '../test/fake-terminal.ts'
import { commands } from './commands.ts'
import { run } from './run.ts'

const shell = openCommandLine()
const { json, type } = shell

describe('users', { timeout: 60_000 }, () => {
  it('the first administrator is made with the database and the secrets alone', async () => {
    const { code, err, out } = await type(makeRoot)
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(
      /^Made root@example.com \([0-9a-f-]{36}\) with role super_admin in sqlite:\S+test\.db \(new\)\.$/,
    )
    expect(await json('users list')).toMatchObject([
      {
        email: 'root@example.com',
        status: 'active',
        roles: ['super_admin'],
        createdBy: expect.any(String),
      },
    ])
  })

  it('what is done here stands in the audit log, with who did it and why', async () => {
    await type(makeRoot)
    await type('users role add root@example.com manager --reason holiday')
    const database = new DatabaseSync(join(shell.cwd, 'test.db'))
    const rows = database.prepare('select * from hf_audit order by id').all()
    database.close()
    const ours = rows.filter((row) => JSON.stringify(row).includes('"operator"'))
    expect(ours.map((row) => row.action).sort()).toEqual([
      ...['role.granted', 'role.granted', 'user.created'],
    ])
    expect(JSON.stringify(ours.at(-1))).toContain('holiday')
    expect(JSON.stringify(rows)).not.toContain(password)
  })

  it('without the secrets nothing is opened, and the message says how to make them', async () => {
    const { MASTER_ENCRYPTION_KEY: _, ...rest } = shell.env
    shell.env = rest
    const { code, err } = await type(makeRoot)
    expect(code).toBe(1)
    expect(err).toContain(
      'masterKey (MASTER_ENCRYPTION_KEY) is missing. Run `holdfast secrets generate`',
    )
  })

  it('a password on the command line works with a warning; - is standard input without its line end', async () => {
    const spoken = await type(`users create --email a@example.com --password ${password}`)
    expect(spoken.code).toBe(0)
    expect(spoken.err).toContain('Better: --password -')
    expect(spoken.err).not.toContain(password)
    expect((await type('users create --email b@example.com --password -', '')).err).toContain(
      'held no password',
    )
    expect((await type('users create --email b@example.com')).code).toBe(2)
  })

  it('the rules of registration hold here too', async () => {
    await type(makeRoot)
    expect((await type(makeRoot)).err).toContain('exists already')
    expect((await type('users create --email b@example.com --password -', 'short')).code).toBe(1)
    expect((await type('users create --email not-an-address --password -')).code).toBe(1)
    expect(
      (await type('users create --email c@example.com --password - --role emperor')).code,
    ).toBe(1)
    expect(await json('users list')).toHaveLength(1)
  })

  it('a role of the app is answered with the roles that are known here, and with what to do', async () => {
    await type(makeRoot)
    for (const line of [
      'users create --email c@example.com --password - --role clerk',
      'users role add root@example.com clerk',
    ]) {
      const { code, err } = await type(line)
      expect(code).toBe(1)
      expect(err).toContain(
        'knows these roles: super_admin, admin, manager, user, guest, organisation_owner, organisation_member.',
      )
      expect(err).toContain('security.users.grantRole(')
    }
    expect(JSON.parse((await type('users role add root@example.com x --json')).err)).toMatchObject({
      error: { code: 'role_unknown' },
    })
  })

  it('outside production no address of the app is needed', async () => {
    const { BASE_URL: _, ...rest } = shell.env
    shell.env = rest
    expect(await type(makeRoot)).toMatchObject({ code: 0, err: '' })
    expect((await type('migrate status')).code).toBe(0)
    shell.env = { ...shell.env, NODE_ENV: 'production' }
    expect((await type('users list')).err).toContain('baseUrl (BASE_URL) is missing')
  })

  it('who is not found is answered with the database that was asked', async () => {
    const { err } = await type('users disable nobody --reason left')
    expect(err).toMatch(/This is sqlite:\S+test\.db \(new\)\.$/)
    expect((await type('users list')).out).toMatch(/^No accounts in sqlite:\S+test\.db\.$/)
  })

  it('a person at the terminal is asked for the password, twice', async () => {
    const answers = [password, password, password, 'another']
    const asked: string[] = []
    const ask = async (prompt: string) => {
      asked.push(prompt)
      return answers.shift() ?? ''
    }
    const create = (email: string) =>
      run(
        ['users', 'create', '--email', email],
        fakeTerminal({ cwd: shell.cwd, env: shell.env, ask }),
        commands,
      )
    expect(await create('a@example.com')).toBe(0)
    expect(await create('b@example.com')).toBe(1)
    expect(asked.slice(0, 2)).toEqual(['Password: ', 'The same again: '])
  })

  it('somebody is invited, and again, by a link to the address of the app', async () => {
    const made = await json('users invite ada@example.com --role manager')
    expect(made).toMatchObject({ status: 'pending', roles: ['manager'], verifiedAt: null })
    expect((await type('users invite ada@example.com')).out).toMatch(/^Invited again: ada@/)
    expect((await type('users invite ada@example.com --role admin')).err).toContain(
      'Leave it out to mail a new link',
    )
    await type(makeRoot)
    expect((await type('users invite root@example.com')).err).toContain('exists already')
    const { BASE_URL: _, ...rest } = shell.env
    shell.env = rest
    expect((await type('users invite bob@example.com')).err).toContain('(BASE_URL)')
    expect((await type('users force-reset root@example.com --reason x')).err).toContain('BASE_URL')
    expect((await type('users list')).out).not.toContain('bob@')
  })

  it('an account is shown with its sessions, and accounts are found by part, status and role', async () => {
    await type(makeRoot)
    await type('users create --email ada@example.com --password - --display-name A\u001b[31mda')
    const { out } = await type('users show ada@example.com')
    expect(out).toMatch(/Status +active\n.*Roles +user\n/s)
    expect(out).not.toContain('\u001b')
    expect(await json('users show ada@example.com')).toMatchObject({ sessions: [] })
    expect(await json('users list --search ADA')).toMatchObject([{ email: 'ada@example.com' }])
    expect(await json('users list --role super_admin')).toHaveLength(1)
    expect((await type('users list --status locked')).out).toMatch(/^No such accounts in/)
    expect((await type('users list --status open')).code).toBe(2)
    expect((await type('users show nobody')).code).toBe(1)
  })
})
