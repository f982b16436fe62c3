import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateSecrets } from '../src/config/index.ts'
import { fakeTerminal } from '../test/fake-terminal.ts'
import { commands } from './commands.ts'
import { run } from './run.ts'

const password = 'plum-Tractor-92-velvet'
let cwd = ''
let env: Record<string, string> = {}

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'holdfast-'))
  env = {
    MASTER_ENCRYPTION_KEY: generateSecrets().masterKey,
    BASE_URL: 'https://app.example.com',
    DATABASE_URL: `sqlite:${join(cwd, 'test.db')}`,
  }
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

async function type(line: string, stdin = `${password}\n`) {
  const terminal = fakeTerminal({ cwd, env, stdin })
  const code = await run(line.split(' '), terminal, commands)
  return { code, out: terminal.outputs.join('\n'), err: terminal.errors.join('\n') }
}

const json = async (line: string) => JSON.parse((await type(`${line} --json`)).out)
const root = 'users create --email root@example.com --password - --role super_admin'

describe('users', { timeout: 60_000 }, () => {
  it('the first administrator is made with the database and the secrets alone', async () => {
    const { code, err, out } = await type(root)
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
    await type(root)
    await type('users role add root@example.com manager --reason holiday')
    const database = new DatabaseSync(join(cwd, 'test.db'))
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
    const { MASTER_ENCRYPTION_KEY: _, ...rest } = env
    env = rest
    const { code, err } = await type(root)
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
    await type(root)
    expect((await type(root)).err).toContain('exists already')
    expect((await type('users create --email b@example.com --password -', 'short')).code).toBe(1)
    expect((await type('users create --email not-an-address --password -')).code).toBe(1)
    expect(
      (await type('users create --email c@example.com --password - --role emperor')).code,
    ).toBe(1)
    expect(await json('users list')).toHaveLength(1)
  })

  it('a role of the app is answered with the roles that are known here, and with what to do', async () => {
    await type(root)
    for (const line of [
      'users create --email c@example.com --password - --role clerk',
      'users role add root@example.com clerk',
    ]) {
      const { code, err } = await type(line)
      expect(code).toBe(1)
      expect(err).toContain('knows these roles: super_admin, admin, manager, user, guest.')
      expect(err).toContain('security.users.grantRole(')
    }
    expect(JSON.parse((await type('users role add root@example.com x --json')).err)).toMatchObject({
      error: { code: 'role_unknown' },
    })
  })

  it('outside production no address of the app is needed', async () => {
    const { BASE_URL: _, ...rest } = env
    env = rest
    expect(await type(root)).toMatchObject({ code: 0, err: '' })
    expect((await type('migrate status')).code).toBe(0)
    env = { ...env, NODE_ENV: 'production' }
    expect((await type('users list')).err).toContain('baseUrl (BASE_URL) is missing')
  })

  it('who is not found is answered with the database that was asked', async () => {
    const { err } = await type('users disable nobody --reason left')
    expect(err).toMatch(/This is sqlite:\S+test\.db \(new\)\.$/)
    expect((await type('users list')).out).toMatch(/^No accounts in sqlite:\S+test\.db\.$/)
  })

  it('a forgotten password is set, under the rules of passwords, with its record', async () => {
    await type(root)
    expect((await type('users password root@example.com --password -', 'short')).code).toBe(1)
    const set = await type(
      'users password root@example.com --password - --reason forgotten',
      'x'.repeat(3) + password,
    )
    expect(set).toMatchObject({
      code: 0,
      out: expect.stringContaining('Set the password of root@'),
    })
    expect((await type('users password nobody --password -')).code).toBe(1)
    const database = new DatabaseSync(join(cwd, 'test.db'))
    const row = database.prepare("select * from hf_audit where action = 'user.password_set'").get()
    database.close()
    expect(JSON.stringify(row)).toContain('forgotten')
  })

  it('a person at the terminal is asked for the password, twice', async () => {
    const answers = [password, password, password, 'another']
    const asked: string[] = []
    const ask = async (prompt: string) => {
      asked.push(prompt)
      return answers.shift() ?? ''
    }
    const create = (email: string) =>
      run(['users', 'create', '--email', email], fakeTerminal({ cwd, env, ask }), commands)
    expect(await create('a@example.com')).toBe(0)
    expect(await create('b@example.com')).toBe(1)
    expect(asked.slice(0, 2)).toEqual(['Password: ', 'The same again: '])
  })

  it('roles are given and taken, accounts closed and opened, by address or name', async () => {
    await type(root)
    await type('users create --email kim@example.com --password - --username kim --company Acme')
    expect((await type('users role add kim manager')).out).toContain('manager')
    expect((await type('users role remove kim@example.com user')).out).toContain(
      'active, role manager',
    )
    expect((await type('users disable kim --reason left')).out).toContain('disabled')
    expect((await type('users enable kim --reason back')).out).toContain('active')
    expect((await type('users disable nobody --reason left')).code).toBe(1)
    expect((await type('users list')).out).toMatch(/kim@example\.com +kim +active +manager/)
  })

  it('the last super administrator stays', async () => {
    await type(root)
    for (const line of [
      'users role remove root@example.com super_admin',
      'users disable root@example.com --reason left',
    ]) {
      const { code, err } = await type(line)
      expect(code).toBe(1)
      expect(err).toContain('last active super administrator')
    }
    expect(await json('users list')).toMatchObject([{ status: 'active', roles: ['super_admin'] }])
  })

  it('what is done to an account has a reason', async () => {
    await type(root)
    for (const name of [
      'disable',
      'enable',
      'lock',
      'unlock',
      'force-reset',
      'end-sessions',
      'factors reset',
      'erase',
    ]) {
      const { code, err } = await type(`users ${name} root@example.com`)
      expect([code, err]).toEqual([2, expect.stringContaining('needs --reason TEXT')])
      expect(err).toContain(`"holdfast users ${name} --help" lists its options.`)
      expect((await type(`users ${name} --help`)).out).toMatch(/--reason TEXT {2}\(needed\)/)
    }
    const { code, err } = await type('users lock root@example.com --for tomorrow')
    expect([code, err]).toEqual([2, expect.stringContaining('--for is a length of time')])
  })

  it('somebody is invited, and again, by a link to the address of the app', async () => {
    const made = await json('users invite ada@example.com --role manager')
    expect(made).toMatchObject({ status: 'pending', roles: ['manager'], verifiedAt: null })
    expect((await type('users invite ada@example.com')).out).toMatch(/^Invited again: ada@/)
    expect((await type('users invite ada@example.com --role admin')).err).toContain(
      'Leave it out to mail a new link',
    )
    await type(root)
    expect((await type('users invite root@example.com')).err).toContain('exists already')
    const { BASE_URL: _, ...rest } = env
    env = rest
    expect((await type('users invite bob@example.com')).err).toContain('(BASE_URL)')
    expect((await type('users force-reset root@example.com --reason x')).err).toContain('BASE_URL')
    expect((await type('users list')).out).not.toContain('bob@')
  })

  it('a lock has an end in the future, or none', async () => {
    await type(root)
    await type('users create --email ada@example.com --password -')
    const lock = (how: string) => type(`users lock ada@example.com --reason x ${how}`.trim())
    for (const how of ['--for soon', '--until 2020-01-01T00:00:00Z', '--until 2090-01-01']) {
      expect((await lock(how)).code, how).toBe(2)
    }
    expect((await lock('--for 1d --until 2090-01-01T00:00:00Z')).code).toBe(2)
    expect((await lock('--for 24h')).out).toMatch(/^Locked ada@example.com: locked until 2/)
    expect((await lock('--until 2090-01-01T00:00:00+02:00')).out).toContain('2089-12-31T22:00:00')
    expect((await lock('')).out).toBe('Locked ada@example.com: locked, role user.')
    expect((await type('users show ada@example.com')).out).toMatch(/Status +locked: x/)
    expect((await type('users unlock ada@example.com --reason y')).out).toContain('active')
  })

  it('an account is shown with its sessions, and accounts are found by part, status and role', async () => {
    await type(root)
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

  it('second factors are shown, and taken from somebody who lost them', async () => {
    await type(root)
    await type('users create --email ada@example.com --password -')
    const reset = () => type('users factors reset ada@example.com --reason lost')
    expect((await reset()).err).toContain('no second factor')
    expect((await type('users show ada@example.com')).out).toMatch(/Second factor +none\n/)
    const database = new DatabaseSync(join(cwd, 'test.db'))
    const enrolled = 'update hf_users set totp_since = ?, passkeys = 1 where email_canonical = ?'
    database.prepare(enrolled).run(Date.UTC(2026, 0, 15), 'ada@example.com')
    const pending =
      "insert into hf_factor_resets select id, 'Bob', 'lost', credentials_version, ?, ? from hf_users where email_canonical = ?"
    database.prepare(pending).run(Date.now(), Date.now() + 86_400_000, 'ada@example.com')
    database.close()
    const shown = (await type('users show ada@example.com')).out
    expect(shown).toMatch(
      /Second factor +authenticator app since 2026-01-15T00:00:00Z, 1 passkey, 0 recovery codes left\n/,
    )
    expect(shown).toMatch(/Factor reset +waits for a second .* asked for by Bob: lost\n/)
    const { factors, ...account } = await json('users show ada@example.com')
    expect(factors).toMatchObject({ recoveryCodesLeft: 0, passkeys: [], pendingReset: {} })
    // What `mfa` of the app demands is unknown here.
    expect([account, ...(await json('users list')), factors].flatMap(Object.keys)).not.toContain(
      'requiredLevel',
    )
    const { out } = await reset()
    expect(out).toMatch(/^Took every second factor from ada@example.com: active, role user.\n/)
    expect(out).toMatch(/Every session ended, and the owner is told by mail.*waits in the outbox/s)
    expect(await json('users show ada@example.com')).toMatchObject({
      ...{ totpSince: null, passkeys: 0, factors: { totp: null, pendingReset: null } },
    })
  })

  it('an account is erased only when that is meant', async () => {
    await type(root)
    await type('users create --email ada@example.com --password -')
    const erase = 'users erase ada@example.com --reason asked'
    const { code, err } = await type(erase)
    expect([code, err]).toEqual([2, expect.stringContaining('would delete ada@example.com')])
    expect((await json('users list')).length).toBe(2)
    expect((await type('users end-sessions ada@example.com --reason x')).out).toBe(
      'Ended 0 sessions of ada@example.com.',
    )
    expect((await type(`${erase} --yes`)).out).toMatch(/^Erased ada@example.com \([0-9a-f-]+\)\.$/)
    expect((await type(`${erase} --yes`)).code).toBe(1)
    expect((await type('users erase root@example.com --reason x --yes')).err).toContain(
      'last active super administrator',
    )
  })
})

describe('migrate', { timeout: 60_000 }, () => {
  it('plans without changing anything, goes up, tells the status, and goes down', async () => {
    const plan = await json('migrate plan')
    expect(plan.pending.length).toBeGreaterThan(5)
    expect(await json('migrate plan')).toEqual(plan)
    const { applied } = await json('migrate up')
    expect(applied).toEqual(plan.pending.map(({ name }: { name: string }) => name))
    expect((await type('migrate up')).out).toBe('Nothing to do.')
    expect((await type('migrate plan')).out).toBe('The schema is up to date.')
    expect((await type('migrate status')).out).not.toContain('pending')
    expect(await json('migrate down --steps 2')).toEqual({ reverted: applied.slice(-2).reverse() })
    expect((await json('migrate status')).at(-1)).toMatchObject({ state: 'pending' })
  })

  it.each(['0', '-1', '1.5', 'all'])('--steps=%s is a usage error', async (steps) => {
    expect((await type(`migrate down --steps=${steps}`)).code).toBe(2)
  })
})

describe('routes', { timeout: 60_000 }, () => {
  it('lists every route with who may call it, without database or secrets', async () => {
    env = {}
    const routes = await json('routes')
    expect(routes).toContainEqual(
      expect.objectContaining({ method: 'POST', path: '/auth/login', access: 'public' }),
    )
    for (const { access } of routes) expect(access).toMatch(/^(public|signed-in|[\w*]+(:[\w*]+)+)$/)
    expect((await type('routes')).out.split('\n')).toHaveLength(routes.length)
  })
})
