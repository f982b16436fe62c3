import { instantOf, type Row, type Source, textOf } from './source.ts'
import { displayNameOf, type Migration, type UserLine } from './user-line.ts'

export interface AuthJsOptions {
  /** Column of the users that holds a hash; apps with the Credentials provider add one. */
  readonly passwordColumn?: string | undefined
  /** Providers that have confirmed the addresses they gave, such as `google`. */
  readonly trusted?: readonly string[] | undefined
}

/** How the adapters call their tables: pg and Drizzle on MySQL, Drizzle and Kysely, Prisma. */
const userTables = ['users', 'user', 'User']
const accountTables = ['accounts', 'account', 'Account']

/**
 * Reads the tables of an Auth.js adapter. Most accounts there have no password and nothing that
 * confirms their address but the word of a provider: see `trusted`.
 */
export async function readAuthJs(source: Source, options: AuthJsOptions): Promise<Migration> {
  const users = await source.rows(await tableOf(source, userTables))
  const accounts = await source.rows(await tableOf(source, accountTables))
  refuseUnknownColumn(users, options.passwordColumn)
  const confirmed = new Set(
    accounts
      .filter((row) => options.trusted?.includes(textOf(row.provider) ?? ''))
      .map((row) => textOf(row.userId)),
  )
  const addressed = users.filter((user) => textOf(user.email) !== undefined)
  const lines = addressed.map((user) => lineOf(user, confirmed, options))
  return { lines, notes: notesOf(users.length - lines.length, lines) }
}

function lineOf(
  user: Row,
  confirmed: ReadonlySet<string | undefined>,
  { passwordColumn }: AuthJsOptions,
): UserLine {
  const id = textOf(user.id) ?? ''
  return {
    id,
    email: textOf(user.email) ?? '',
    emailVerified: instantOf(user.emailVerified) !== undefined || confirmed.has(id),
    displayName: displayNameOf(textOf(user.name)),
    passwordHash: passwordColumn === undefined ? undefined : textOf(user[passwordColumn]),
  }
}

async function tableOf(source: Source, names: readonly string[]): Promise<string> {
  for (const name of names) if (await source.hasTable(name)) return name
  throw new Error(`There is none of the tables ${names.join(', ')}.`)
}

function refuseUnknownColumn([first]: readonly Row[], column: string | undefined): void {
  if (column === undefined || first === undefined || Object.hasOwn(first, column)) return
  throw new Error(`The users have no column "${column}".`)
}

function notesOf(withoutAddress: number, lines: readonly UserLine[]): string[] {
  const unconfirmed = lines.filter((line) => !line.emailVerified).length
  const open = lines.filter((line) => line.emailVerified && line.passwordHash === undefined).length
  return [
    ...said(withoutAddress, 'have no address and are left out'),
    ...said(unconfirmed, 'have an address that nobody confirmed; they ask for a link first'),
    ...said(open, 'have no password and set one by "forgot password"'),
  ]
}

function said(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${what}`]
}
