import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSecurity, type Security, type SignedIn } from 'holdfast'
import { holdfastOptions, manyRoles } from '../servers/holdfast-options.ts'
import { temporaryFolder } from './folders.ts'

/** An account with its password, for sign-ins. */
export interface Account {
  readonly email: string
  readonly password: string
}

/** A database with accounts and sessions, made once through the public API and copied for each process. */
export interface Prepared {
  readonly masterKey: string
  /** Access tokens of `accounts`, account by account in turn. */
  readonly tokens: readonly string[]
  readonly accounts: readonly Account[]
  /** A session that a probe may end, in its own copy. */
  readonly spare: string
  /** Access tokens of somebody with twelve roles. */
  readonly manyRoles: readonly string[]
  /** API keys of `accounts`, which may do what the route asks for. */
  readonly keys: readonly string[]
  /** Somebody without the permission of the route. */
  readonly powerless: string
  /** A fresh copy of the folder. */
  copy(): string
}

export interface Preparation {
  readonly accounts: number
  readonly tokens: number
}

export async function prepare(size: Preparation): Promise<Prepared> {
  const home = temporaryFolder()
  const folder = join(home, 'prepared')
  mkdirSync(folder)
  writeFileSync(join(folder, 'file.json'), JSON.stringify({ text: 'x'.repeat(4_000) }))
  const masterKey = randomBytes(32).toString('base64url')
  const security = createSecurity(holdfastOptions({ folder, masterKey }))
  await security.ready()
  const filled = await fill(security, size)
  await security.close()
  let copies = 0
  return {
    ...filled,
    masterKey,
    copy() {
      copies += 1
      const copy = join(home, String(copies))
      cpSync(folder, copy, { recursive: true })
      return copy
    },
  }
}

async function fill(security: Security, size: Preparation) {
  const accounts = []
  const sessions: SignedIn[] = []
  for (let number = 0; number < size.accounts; number++) {
    const account = await createAccount(security, `buyer-${number}`, 'buyer')
    accounts.push(account)
    if (number < size.tokens) sessions.push(await signIn(security, account))
  }
  const guest = await createAccount(security, 'guest', 'guest')
  const [first] = accounts
  const tokens = Array.from({ length: size.tokens }, (_, number) =>
    mint(security, sessions[number % sessions.length]),
  )
  const regular = await createAccount(security, 'regular', ...manyRoles)
  const signedIn = await signIn(security, regular)
  return {
    accounts,
    tokens,
    manyRoles: tokens.map(() => mint(security, signedIn)),
    keys: await createKeys(security, sessions, size.tokens),
    spare: mint(security, await signIn(security, first ?? guest)),
    powerless: mint(security, await signIn(security, guest)),
  }
}

/** As many keys as tokens, where no owner may have more than fifty. */
async function createKeys(
  security: Security,
  sessions: readonly SignedIn[],
  count: number,
): Promise<readonly string[]> {
  const keys: string[] = []
  for (let number = 0; number < Math.min(count, sessions.length * 50); number++) {
    const id = sessions[number % sessions.length]?.user.id ?? ''
    const draft = { name: `key ${number}`, scopes: ['read:orders'] }
    keys.push((await security.apiKeys.create({ kind: 'user', id }, draft)).key)
  }
  return keys
}

async function createAccount(
  security: Security,
  name: string,
  ...roles: readonly string[]
): Promise<Account> {
  const account = { email: `${name}@shop.example`, password: randomBytes(18).toString('base64url') }
  await security.users.create({ ...account, roles })
  return account
}

async function signIn(security: Security, account: Account): Promise<SignedIn> {
  const result = await security.signIn.withPassword({
    identifier: account.email,
    password: account.password,
    transport: 'body',
    devices: [],
    clientKey: '127.0.0.1',
    origin: {},
  })
  if (result.status === 'signed_in') return result
  throw new Error(`preparing a session ended in ${result.status}`)
}

/** A token as a refresh would give, without the refresh: many tokens, one password hash. */
function mint(security: Security, session: SignedIn | undefined): string {
  if (!session) throw new Error('a token needs a session')
  return security.parts.rooms.tokens.mint({
    userId: session.user.id,
    sessionId: session.sessionId,
    roles: session.user.roles,
    authTime: Date.now(),
    factors: ['pwd'],
    level: 1,
    secretVersion: 0,
  })
}
