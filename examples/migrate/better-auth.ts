import { type BetterAuthSecrets, totpSecretOf } from './better-auth-secrets.ts'
import { instantOf, isTrue, type Row, type Source, textOf } from './source.ts'
import { displayNameOf, type Migration, type OldKey, type UserLine } from './user-line.ts'

export interface BetterAuthOptions {
  /** Role of the admin plugin -> role here. `user` needs none: everybody gets the default role. */
  readonly roles?: Readonly<Record<string, string>>
  readonly now: number
  /** Without the right ones second factors stay sealed. */
  readonly secrets: BetterAuthSecrets
}

/** What the import refuses: it tells that there is a second factor, and not which. */
const unreadable = '?'

interface Tables {
  readonly passwords: ReadonlyMap<string, string>
  readonly factors: ReadonlyMap<string, string | undefined>
  readonly keys: ReadonlyMap<string, readonly OldKey[]>
}

/**
 * Reads `user` and `account` of Better Auth, and of its plugins username, admin, twoFactor and apiKey
 * what decides who gets in. Its scrypt hashes are taken as they are, secrets of authenticator apps are
 * opened with the secret of the old app.
 */
export async function readBetterAuth(
  source: Source,
  options: BetterAuthOptions,
): Promise<Migration> {
  const tables: Tables = {
    passwords: await passwordsOf(source),
    factors: await factorsOf(source, options.secrets),
    keys: await keysOf(source),
  }
  const users = await source.rows('user')
  const lines = users.map((user) => lineOf(user, tables, options))
  return { lines, notes: notesOf(users, lines, options) }
}

function lineOf(user: Row, tables: Tables, options: BetterAuthOptions): UserLine {
  const id = textOf(user.id) ?? ''
  const factor = tables.factors.get(id)
  const keys = tables.keys.get(id)
  const roles = rolesOf(user).map((role) => options.roles?.[role])
  const known = roles.filter((role) => role !== undefined)
  return {
    id,
    email: textOf(user.email) ?? '',
    emailVerified: isTrue(user.emailVerified),
    username: textOf(user.displayUsername) ?? textOf(user.username),
    displayName: displayNameOf(textOf(user.name)),
    passwordHash: tables.passwords.get(id),
    roles: known.length === 0 ? undefined : known,
    createdAt: instantOf(user.createdAt),
    disabled: isBanned(user, options.now) ? true : undefined,
    totpSecret: isTrue(user.twoFactorEnabled) ? (factor ?? unreadable) : undefined,
    apiKeys: keys,
  }
}

function isBanned(user: Row, now: number): boolean {
  const until = instantOf(user.banExpires)
  return isTrue(user.banned) && (until === undefined || until > now)
}

function rolesOf(user: Row): string[] {
  return (textOf(user.role) ?? '').split(',').filter((role) => role !== '' && role !== 'user')
}

async function passwordsOf(source: Source): Promise<Map<string, string>> {
  const accounts = await source.rows('account')
  return new Map(
    accounts
      .filter((row) => row.providerId === 'credential' && textOf(row.password) !== undefined)
      .map((row) => [textOf(row.userId) ?? '', textOf(row.password) ?? '']),
  )
}

/** Secrets that a first code has confirmed; whoever gets codes by mail has a row without it, or none. */
async function factorsOf(
  source: Source,
  secrets: BetterAuthSecrets,
): Promise<Map<string, string | undefined>> {
  if (!(await source.hasTable('twoFactor'))) return new Map()
  const rows = (await source.rows('twoFactor')).filter(
    ({ verified }) => verified === undefined || verified === null || isTrue(verified),
  )
  return new Map(
    rows.map((row) => [textOf(row.userId) ?? '', totpSecretOf(textOf(row.secret) ?? '', secrets)]),
  )
}

/** Keys that still work. Their permissions mean something to the old app alone, so scopes are left to people. */
async function keysOf(source: Source): Promise<Map<string, OldKey[]>> {
  const keys = new Map<string, OldKey[]>()
  if (!(await source.hasTable('apikey'))) return keys
  const rows = await source.rows('apikey')
  for (const row of rows.filter(({ enabled }) => enabled === undefined || isTrue(enabled))) {
    const owner = textOf(row.referenceId) ?? textOf(row.userId) ?? ''
    keys.set(owner, [...(keys.get(owner) ?? []), keyOf(row)])
  }
  return keys
}

/** Better Auth keeps the SHA-256 of a key in base64url. */
function keyOf(row: Row): OldKey {
  return {
    name: textOf(row.name) ?? textOf(row.start) ?? 'of the old system',
    sha256: Buffer.from(textOf(row.key) ?? '', 'base64url').toString('hex'),
    expiresAt: instantOf(row.expiresAt),
  }
}

function notesOf(
  users: readonly Row[],
  lines: readonly UserLine[],
  options: BetterAuthOptions,
): string[] {
  const unmapped = new Map<string, number>()
  for (const role of users.flatMap(rolesOf)) {
    if (options.roles?.[role] === undefined) unmapped.set(role, (unmapped.get(role) ?? 0) + 1)
  }
  const count = (test: (line: UserLine) => boolean) => lines.filter(test).length
  return [
    ...[...unmapped].map(
      ([role, held]) => `${held} hold the role "${role}", which is left out: --role ${role}=NAME`,
    ),
    ...said(
      count(({ totpSecret }) => totpSecret !== undefined && totpSecret !== unreadable),
      'have an authenticator app, which goes on; their backup codes do not',
    ),
    ...said(
      count(({ totpSecret }) => totpSecret === unreadable),
      'have a second factor that cannot be read, or codes by mail; the import refuses them',
    ),
    ...said(
      count((one) => one.apiKeys !== undefined),
      'have API keys; the import refuses them until you write "scopes" into the file',
    ),
    ...said(
      count((one) => one.disabled === true),
      'are banned and come as disabled',
    ),
    ...said(
      count((one) => !one.passwordHash),
      'have no password and set one by "forgot password"',
    ),
  ]
}

function said(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${what}`]
}
