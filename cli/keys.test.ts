import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openCommandLine } from '../test/command-line.ts'

const shell = openCommandLine()
const { json, type } = shell
const makeAda = 'users create --email ada@example.com --role manager --password -'
const entry = pathToFileURL(join(import.meta.dirname, '../src/index.ts')).href

/** An app on the database of the command line, with a role and bounds of its own. */
function writeApp(file: string): void {
  const secrets = `masterKey: '${shell.env.MASTER_ENCRYPTION_KEY}', baseUrl: 'http://localhost:3000'`
  writeFileSync(
    join(shell.cwd, file),
    `import { createSecurity } from ${JSON.stringify(entry)}
export const security = createSecurity({ ${secrets}, database: '${shell.env.DATABASE_URL}', logLevel: 'error',
  access: { roles: { manager: { permissions: ['delete:stock'] } } },
  apiKeys: { maxLifetime: '30d', maxPerOwner: 1, environment: 'shop' },
})
`,
  )
}

const shape = /^hf_[a-z][a-z0-9]{0,11}_[0-9A-Za-z]{16}_[0-9A-Za-z]{38}$/

describe('keys', { timeout: 60_000 }, () => {
  it('are made, told from other text offline, listed without their secret, and revoked', async () => {
    await type(makeAda)
    const made = await type(
      'keys create --account ada@example.com --name export --scope read:orders',
    )
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(shape) })
    const inspected = await type('keys inspect - --json', `${made.out}\n`)
    const { id } = JSON.parse(inspected.out)
    const [listed] = await json('keys list')
    expect(listed).toMatchObject({ id, name: 'export', status: 'active', scopes: ['read:orders'] })
    expect((await type('keys list')).out).not.toContain(made.out.slice(-38))
    expect(await json(`keys revoke ${id} --reason leaked`)).toMatchObject({
      ...{ status: 'revoked', revokeReason: 'leaked' },
    })
  })

  it('name one owner, who holds what they are for', async () => {
    await type(makeAda)
    const none = await type('keys create --name x --scope read:orders')
    expect(none).toMatchObject({ code: 2 })
    const wide = await type('keys create --account ada@example.com --name x --scope delete:orders')
    expect(wide).toMatchObject({ code: 1, err: expect.stringContaining('holds nothing') })
  })

  it('are refused without scopes, and the answer names those that there are', async () => {
    await type(makeAda)
    const line = 'keys create --account ada@example.com --name x'
    const told = await type(line)
    expect(told).toMatchObject({ code: 1, err: expect.stringMatching(/"available": .*read:\*/) })
    const { err } = await type(`${line} --json`)
    const { error } = JSON.parse(err.split('\n').find((one) => one.startsWith('{')) ?? '')
    expect(error).toMatchObject({ code: 'scopes_required' })
    expect(error.available).toContain('read:*')
  })

  it('are made within the bounds and by the roles of the app that --app names, and are said to be without', async () => {
    for (const file of ['one.mjs', 'two.mjs', 'three.mjs']) writeApp(file)
    await type(makeAda)
    const line = 'keys create --account ada@example.com --name x --scope delete:stock'
    const without = await type(line)
    expect([without.code, without.err]).toEqual([1, expect.stringContaining('without --app')])
    const made = await type(`${line} --app one.mjs`)
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^hf_shop_/) })
    expect(made.err).not.toContain('without --app')
    const [listed] = await json('keys list --app two.mjs')
    expect(listed.expiresAt).toBeLessThanOrEqual(listed.createdAt + 30 * 24 * 3_600_000)
    expect(listed.expiresAt).toBeGreaterThan(listed.createdAt)
    const more = await type(`${line} --app three.mjs`)
    expect([more.code, more.err]).toEqual([1, expect.stringContaining('as many working keys')])
  })

  it('are decoys when that is asked for', async () => {
    const { out } = await type('keys decoy --name wiki')
    expect(out).toMatch(shape)
    const all = await json('keys list')
    expect(all.filter((one: { decoy: boolean }) => one.decoy)).toHaveLength(1)
  })

  it.each([
    ['hf_live_x', 'no_key'],
    ['hf_live_0000000000000000_00000000000000000000000000000000000000', 'checksum_wrong'],
  ])('inspect says of %s that it is none', async (text, kind) => {
    const { code, out } = await type(`keys inspect ${text} --json`)
    expect([code, JSON.parse(out).kind]).toEqual([1, kind])
  })

  it('inspect warns of a key among the arguments, and of none that is piped in', async () => {
    const told = await type('keys inspect hf_live_x')
    expect(told.err).toContain('a key on the command line is seen by others')
    expect((await type('keys inspect -', 'hf_live_x\n')).err).toBe('')
  })
})
