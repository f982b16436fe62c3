// holdfast-ignore-sql-file: the tables of the test are made by the test
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { betterAuth } from 'better-auth'
import { hashPassword, symmetricEncrypt } from 'better-auth/crypto'
import { getMigrations } from 'better-auth/db/migration'
import { admin, twoFactor, username } from 'better-auth/plugins'
import { createSecurity, generateSecrets, type Security, silentLogger } from 'holdfast'
import { generateSync } from 'otplib'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeEngines, freshDatabase } from '../../test/services/fresh-database.ts'
import { readAuthJs } from './auth-js.ts'
import { betterAuthSecrets, hchacha20, totpSecretOf } from './better-auth-secrets.ts'
import { openSource } from './source.ts'

const start = promisify(execFile)
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const password = 'correct-horse-battery'
const oldSecret = 'a secret of thirty-two characters and more'
const { masterKey } = generateSecrets()
let folder = ''
let old = ''
let security: Security | undefined
/** What the person who moves the accounts says the old secret is. */
let knownSecret = oldSecret
/** What the old app has shown to the authenticator app of Tom. */
let tomsApp = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'migrate-'))
  old = join(folder, 'old.db')
  knownSecret = oldSecret
})
afterEach(async () => {
  await security?.close()
  security = undefined
  rmSync(folder, { recursive: true, force: true })
})

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program of TypeScript in the folder, as the guides say. */
async function node(program: string, ...args: readonly string[]): Promise<Ended> {
  const env = {
    BETTER_AUTH_SECRET: knownSecret,
    PATH: process.env.PATH ?? '',
    MASTER_ENCRYPTION_KEY: masterKey,
    BASE_URL: 'https://app.example.com',
    DATABASE_URL: `sqlite:${join(folder, 'new.db')}`,
  }
  return start(process.execPath, [at(program), ...args], { cwd: folder, env }).then(
    (done) => ({ code: 0, ...done }),
    (failed: Ended) => failed,
  )
}

const importFile = async (...more: readonly string[]) => {
  const { code, stderr, stdout } = await node('../../cli/main.ts', 'import', 'users.jsonl', ...more)
  return { code, out: stdout.trim(), err: stderr.trim() }
}

async function signIn(identifier: string, given = password, mfaCode?: string): Promise<string> {
  security ??= createSecurity({
    ...{ masterKey, baseUrl: 'https://app.example.com', logger: silentLogger },
    database: `sqlite:${join(folder, 'new.db')}`,
  })
  await security.ready({ jobs: false })
  const result = await security.signIn.withPassword({
    ...{ identifier, password: given, transport: 'body', devices: [] },
    ...{ clientKey: identifier, origin: {} },
    ...(mfaCode === undefined ? {} : { mfaCode }),
  })
  return result.status
}

const linesWritten = () =>
  readFileSync(join(folder, 'users.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** Accounts as the real library makes them, with the plugins that decide who gets in. */
async function makeBetterAuth(): Promise<void> {
  const database = new DatabaseSync(old)
  const auth = betterAuth({
    ...{ baseURL: 'http://localhost:3000', secret: oldSecret },
    ...{ database, emailAndPassword: { enabled: true }, rateLimit: { enabled: false } },
    plugins: [username(), admin(), twoFactor({ skipVerificationOnEnable: true })],
  })
  await (await getMigrations(auth.options)).runMigrations()
  for (const name of ['ada', 'bob', 'eve', 'tom', 'root']) {
    await auth.api.signUpEmail({
      body: { name, email: `${name}@example.com`, password, username: `${name}_1` },
    })
  }
  const { headers } = await auth.api.signInEmail({
    body: { email: 'tom@example.com', password },
    returnHeaders: true,
  })
  const enabled = await auth.api.enableTwoFactor({
    body: { password },
    headers: { cookie: (headers.get('set-cookie') ?? '').split(';')[0] ?? '' },
  })
  tomsApp = 'totpURI' in enabled ? (new URL(enabled.totpURI).searchParams.get('secret') ?? '') : ''
  const context = await auth.$context
  await context.internalAdapter.createOAuthUser(
    { email: 'goo@example.com', name: 'Goo', emailVerified: true },
    { providerId: 'google', accountId: '17' },
  )
  database.exec("update user set emailVerified = 1 where email not like 'bob@%'")
  database.exec("update user set banned = 1 where email like 'eve@%'")
  database.exec("update user set role = 'admin,editor' where email like 'root@%'")
  database.close()
}

describe('from Better Auth', { timeout: 120_000 }, () => {
  beforeEach(makeBetterAuth)

  it('people sign in with the password and the name they had, and nobody gets more than before', async () => {
    const read = await node('from-better-auth.ts', '--database', 'old.db', '--role', 'admin=admin')
    expect(read.code).toBe(0)
    expect(read.stderr.trim().split('\n')).toEqual([
      '1 hold the role "editor", which is left out: --role editor=NAME',
      '1 have an authenticator app, which goes on; their backup codes do not',
      '1 are banned and come as disabled',
      '1 have no password and set one by "forgot password"',
      '6 accounts are in users.jsonl. It holds password hashes and secrets.',
    ])
    expect(statSync(join(folder, 'users.jsonl')).mode & 0o777).toBe(0o600)
    const { code, err, out } = await importFile()
    expect([code, out, err]).toEqual([0, 'Imported 6 accounts.', ''])
    expect(await signIn('ada@example.com', 'another-password')).toBe('denied')
    expect(await signIn('ada@example.com')).toBe('signed_in')
    expect(await signIn('ada_1')).toBe('signed_in')
    expect(await signIn('root@example.com')).toBe('signed_in')
    expect(await signIn('tom@example.com')).toBe('mfa_required')
    expect(await signIn('tom@example.com', password, generateSync({ secret: tomsApp }))).toBe(
      'signed_in',
    )
    for (const shut of ['bob', 'eve', 'goo']) {
      expect([shut, await signIn(`${shut}@example.com`)]).toEqual([shut, 'denied'])
    }
    const find = (name: string) => security?.users.find(`${name}@example.com`)
    expect(await find('ada')).toMatchObject({ roles: ['user'], status: 'active' })
    expect(await find('bob')).toMatchObject({ status: 'pending' })
    expect(await find('eve')).toMatchObject({ status: 'disabled' })
    expect(await find('root')).toMatchObject({ roles: ['admin'] })
    expect(await find('goo')).toMatchObject({ status: 'active' })
  })

  it.each([
    ['without the secret of the old app', ''],
    ['with another secret', 'another secret of thirty-two characters'],
  ])('%s nobody who had a second factor comes without it', async (_, secret) => {
    knownSecret = secret
    const read = await node('from-better-auth.ts', '--database', 'old.db')
    expect(read.stderr).toContain('1 have a second factor that cannot be read, or codes by mail')
    const { code, err, out } = await importFile()
    expect([code, out]).toEqual([3, 'Imported 5 accounts, 1 line refused.'])
    expect(err).toMatch(/^line 4: field_invalid \(totpSecret\)/)
    expect(await signIn('tom@example.com')).toBe('denied')
  })

  it('a secret of any version, or from elsewhere, is what apps have', async () => {
    const keys = new Map([[2, oldSecret]])
    const sealed = await symmetricEncrypt({ key: { keys, currentVersion: 2 }, data: 'abc' })
    const secrets = betterAuthSecrets({ BETTER_AUTH_SECRETS: `2:${oldSecret}, 1:older` })
    expect(totpSecretOf(sealed, secrets)).toBe('MFRGG')
    const moved = await symmetricEncrypt({ key: oldSecret, data: 'base32:jbswy3dpehpk3pxp' })
    const bare = betterAuthSecrets({ BETTER_AUTH_SECRET: oldSecret })
    expect(totpSecretOf(moved, bare)).toBe('JBSWY3DPEHPK3PXP')
    for (const odd of ['', 'zz', sealed.slice(0, -2), sealed, `${moved}00`]) {
      expect(totpSecretOf(odd, bare)).toBeUndefined()
    }
  })

  it('keys of programs that still work come along, but for their scopes', async () => {
    const database = new DatabaseSync(old)
    database.exec(`create table apikey (id text, name text, start text, key text, referenceId text,
      enabled integer, expiresAt text)`)
    const [{ id }] = database.prepare('select id from user limit 1').all() as [{ id: string }]
    const add = database.prepare("insert into apikey values ('1', ?, 'abc', ?, ?, ?, ?)")
    const digest = createHash('sha256').update('old key').digest()
    add.run('sync', digest.toString('base64url'), id, 1, '2030-01-01T00:00:00.000Z')
    add.run('off', 'AAAA', id, 0, null)
    database.close()
    const { stderr } = await node('from-better-auth.ts', '--database', 'old.db')
    expect(stderr).toContain('1 have API keys; the import refuses them until you write "scopes"')
    const sha256 = digest.toString('hex')
    expect(linesWritten().filter(({ apiKeys }) => apiKeys)).toMatchObject([
      { id, apiKeys: [{ name: 'sync', sha256, expiresAt: Date.UTC(2030, 0, 1) }] },
    ])
    const { err } = await importFile('--dry-run')
    expect(err).toContain('field_invalid (apiKeys/0/scopes)')
  })

  it('the cipher is that of the draft: HChaCha20 of section 2.2.1', () => {
    const key = Buffer.from(Array.from({ length: 32 }, (__, at) => at))
    const nonce = Buffer.from('000000090000004a0000000031415927', 'hex')
    expect(hchacha20(key, nonce).toString('hex')).toBe(
      '82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc',
    )
  })

  it('a ban that has ended is none', async () => {
    const database = new DatabaseSync(old)
    database.exec("update user set banExpires = '2020-01-01T00:00:00.000Z' where banned = 1")
    database.close()
    await node('from-better-auth.ts', '--database', 'old.db')
    expect(linesWritten().filter((line) => line.disabled)).toEqual([])
  })

  it('what was made there is an account of the instant it was made', async () => {
    await node('from-better-auth.ts', '--database', 'old.db')
    for (const line of linesWritten()) {
      expect(Math.abs(line.createdAt - Date.now())).toBeLessThan(600_000)
    }
  })
})

/** The tables of the adapter for PostgreSQL, which others repeat with other types. */
const authJsTables = (number: string, instant: string) => `
  create table users (id integer primary key, name varchar(255), email varchar(255),
    "emailVerified" ${instant}, image text, password text);
  create table accounts (id integer primary key, "userId" integer not null,
    type varchar(255) not null, provider varchar(255) not null,
    "providerAccountId" varchar(255) not null, access_token text, expires_at ${number});`

async function authJsRows(verified: string): Promise<string> {
  const hash = await hashPassword(password)
  return `
  insert into users (id, name, email, "emailVerified", password) values
    (1, 'Ada', 'ada@example.com', ${verified}, '${hash}'),
    (2, 'Goo', 'goo@example.com', null, null),
    (3, 'Git', 'git@example.com', null, null),
    (4, 'Nobody', null, null, null);
  insert into accounts (id, "userId", type, provider, "providerAccountId") values
    (1, 2, 'oidc', 'google', '17'), (2, 3, 'oauth', 'github', '18');`
}

describe('from Auth.js', { timeout: 120_000 }, () => {
  it('people without a password come as accounts without one, confirmed where a trusted provider did', async () => {
    const database = new DatabaseSync(old)
    database.exec(authJsTables('integer', 'integer') + (await authJsRows('1760000000000')))
    database.close()
    const options = ['--trust', 'google', '--password-column', 'password']
    const read = await node('from-auth-js.ts', '--database', 'old.db', ...options)
    expect(read.stderr.trim().split('\n')).toEqual([
      '1 have no address and are left out',
      '1 have an address that nobody confirmed; they ask for a link first',
      '1 have no password and set one by "forgot password"',
      '3 accounts are in users.jsonl. It may hold password hashes.',
    ])
    expect(await importFile('--keep-id', 'authJsId')).toMatchObject({ code: 0 })
    expect(await signIn('ada@example.com')).toBe('signed_in')
    for (const name of ['goo', 'git']) expect(await signIn(`${name}@example.com`)).toBe('denied')
    const find = (name: string) => security?.users.find(`${name}@example.com`)
    expect(await find('goo')).toMatchObject({ status: 'active' })
    expect(await find('git')).toMatchObject({ status: 'pending' })
  })

  it('a column that is not there is named', async () => {
    const database = new DatabaseSync(old)
    database.exec(authJsTables('integer', 'integer') + (await authJsRows('null')))
    database.close()
    const read = await node('from-auth-js.ts', '--database', 'old.db', '--password-column', 'hash')
    expect([read.code, read.stderr]).toEqual([1, expect.stringContaining('no column "hash"')])
  })
})

describeEngines('the old database', (engine) => {
  const isRead = engine !== 'mariadb'
  it(isRead ? 'is read as it is' : 'is refused, since nobody reads it here', async () => {
    const fresh = await freshDatabase(engine)
    if (isRead) {
      await fillAuthJs(fresh.url)
      const source = await openSource(fresh.url.replace('sqlite:', ''))
      const { lines } = await readAuthJs(source, {
        trusted: ['google'],
        passwordColumn: 'password',
      })
      await source.close()
      expect(lines.map((line) => [line.id, line.email, line.emailVerified])).toEqual([
        ['1', 'ada@example.com', true],
        ['2', 'goo@example.com', true],
        ['3', 'git@example.com', false],
      ])
      expect(lines[0]?.passwordHash).toMatch(/^[0-9a-f]{32}:[0-9a-f]{128}$/)
    } else await expect(openSource(fresh.url)).rejects.toThrow('There is no file')
    await fresh.drop()
  })
})

async function fillAuthJs(url: string): Promise<void> {
  if (url.startsWith('sqlite:')) {
    const database = new DatabaseSync(url.slice('sqlite:'.length))
    database.exec(authJsTables('integer', 'integer') + (await authJsRows('1760000000')))
    return database.close()
  }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(authJsTables('bigint', 'timestamptz') + (await authJsRows('now()')))
  await client.end()
}
