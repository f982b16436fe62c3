import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { makeRoot, openCommandLine, password } from '../test/command-line.ts'

const shell = openCommandLine()
const { json, type } = shell

describe('changes of users', { timeout: 60_000 }, () => {
  it('a forgotten password is set, under the rules of passwords, with its record', async () => {
    await type(makeRoot)
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
    const database = new DatabaseSync(join(shell.cwd, 'test.db'))
    const row = database.prepare("select * from hf_audit where action = 'user.password_set'").get()
    database.close()
    expect(JSON.stringify(row)).toContain('forgotten')
  })

  it('roles are given and taken, accounts closed and opened, by address or name', async () => {
    await type(makeRoot)
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
    await type(makeRoot)
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
    await type(makeRoot)
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

  it('a lock has an end in the future, or none', async () => {
    await type(makeRoot)
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

  it('second factors are shown, and taken from somebody who lost them', async () => {
    await type(makeRoot)
    await type('users create --email ada@example.com --password -')
    const reset = () => type('users factors reset ada@example.com --reason lost')
    expect((await reset()).err).toContain('no second factor')
    expect((await type('users show ada@example.com')).out).toMatch(/Second factor +none\n/)
    const database = new DatabaseSync(join(shell.cwd, 'test.db'))
    const enrolled = 'update hf_users set totp_since = ?, passkeys = 1 where email_canonical = ?'
    database.prepare(enrolled).run(Date.UTC(2026, 0, 15), 'ada@example.com')
    const pending =
      "insert into hf_factor_resets select id, 'Bob', 'lost', 0, ?, ? from hf_users where email_canonical = ?"
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
    await type(makeRoot)
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
