import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, it } from 'vitest'
import { openCommandLine } from '../test/command-line.ts'

const shell = openCommandLine()

/** What the audit log holds of an action. */
function recordsOf(action: string) {
  const database = new DatabaseSync(join(shell.cwd, 'test.db'), { readOnly: true, timeout: 5_000 })
  try {
    return database.prepare('select actor_kind, reason from hf_audit where action = ?').all(action)
  } finally {
    database.close()
  }
}

const account = async (name: string): Promise<string> =>
  (await shell.json(`users create --email ${name}@example.com --password -`)).id

describe('organisations', { timeout: 60_000 }, () => {
  let ada = ''
  let ben = ''
  beforeEach(async () => {
    ada = await account('ada')
    ben = await account('ben')
    const made = await shell.type(
      'organisations create --name Acme --slug acme --owner ada@example.com --reason customer',
    )
    expect(made.out).toMatch(/^Made acme: Acme \(active, [\w-]{36}\)$/)
  })

  it('are made with their owner, shown and listed', async () => {
    expect(await shell.json('organisations show acme')).toMatchObject({ name: 'Acme', policy: {} })
    await shell.type('organisations create --name Other --slug other')
    const { out } = await shell.type('organisations list')
    expect(out).toMatch(/acme +Acme +active/)
    expect(out.indexOf('acme')).toBeLessThan(out.indexOf('other'))
    expect((await shell.type('organisations list --status closed')).out).toBe('No organisations.')
    const members = await shell.json('organisations members acme')
    expect(members).toMatchObject([{ userId: ada, roles: [{ role: 'organisation_owner' }] }])
    expect((await shell.type('organisations members other')).out).toBe('No members.')
  })

  it('get members, with a role, and lose them', async () => {
    const added = await shell.type('organisations member add acme ben@example.com --role user')
    expect(added.out).toBe('ben@example.com is a member of acme, user.')
    const given = await shell.type(`organisations role add acme ${ben} manager --for 30d`)
    expect(given.out).toMatch(/manager until 20\d\d-.*, user|user, manager until 20\d\d-/)
    const taken = await shell.type(`organisations role remove acme ${ben} manager`)
    expect(taken.out).toBe(`${ben} is a member of acme, user.`)
    const listed = (await shell.type('organisations members acme')).out
    expect(listed).toMatch(/ben@example\.com +user +/)
    const gone = await shell.type('organisations member remove acme ben@example.com')
    expect(gone.out).toBe('ben@example.com is no member of acme.')
    expect(await shell.json('organisations members acme')).toHaveLength(1)
  })

  it('are changed with a record of who did it and why; members hold the role of members at first', async () => {
    await shell.type('organisations member add acme ben@example.com')
    const [, member] = await shell.json('organisations members acme')
    expect(member.roles).toMatchObject([{ role: 'organisation_member', grantedBy: null }])
    await shell.type('organisations role add acme ben@example.com user --reason helps')
    const by = (reason: string) => ({ actor_kind: 'operator', reason })
    expect(recordsOf('organisation.created')).toEqual([by('customer')])
    expect(recordsOf('organisation.role_granted')).toContainEqual(by('helps'))
  })

  it('say what is wrong, with 2 for what was not written as it should be', async () => {
    const wrong = [
      ['create --name X', 2, '--slug NAME'],
      ['create --name X --slug x --owner a --owner-email b@c.de', 2, 'not both'],
      ['list --status open', 2, 'active or closed'],
      ['show nothing', 1, "no organisation 'nothing'"],
      ['members nothing', 1, 'no organisation'],
      ['create --name X --slug acme', 1, 'short name'],
      ['create --name X --slug x --owner nobody', 1, "no account 'nobody'"],
      ['member add nothing ada@example.com', 1, "no organisation 'nothing'"],
      ['member add acme nobody', 1, "no account 'nobody'"],
      ['member add acme ada@example.com', 1, 'belongs to the organisation already'],
      ['member add acme ben@example.com --role clerk', 1, 'knows these roles'],
      ['member remove acme ada@example.com', 1, 'last owner'],
      ['role add acme ada@example.com super_admin', 1, 'held everywhere'],
      ['role add acme ada@example.com user --for 1', 2, '--for is a length'],
    ] as const
    for (const [line, code, told] of wrong) {
      const typed = await shell.type(`organisations ${line}`)
      expect([typed.code, typed.err], line).toEqual([code, expect.stringContaining(told)])
    }
  })
})
