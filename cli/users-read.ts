import type { AccountFactors, AccountQuery, AccountView } from '../src/admin/index.ts'
import { answer, type Command, type CommandInput, stringOption, UsageError } from './command.ts'
import { columns } from './help.ts'
import { developmentOption, withSecurity } from './open-security.ts'
import { finding, type KnownAccount, knownOf, placeText } from './operator.ts'

type Users = Parameters<Parameters<typeof withSecurity>[1]>[0]['users']
type Sessions = Awaited<ReturnType<Users['sessions']>>

const statuses = ['pending', 'active', 'locked', 'disabled'] as const

export const usersList: Command = {
  name: 'users list',
  summary: 'List the accounts, oldest first.',
  options: {
    search: { type: 'string', value: 'TEXT', help: 'Part of an address, a username or a name.' },
    status: { type: 'string', value: 'STATUS', help: `One of ${statuses.join(', ')}.` },
    role: { type: 'string', value: 'ROLE', help: 'Those who hold this role now.' },
    ...developmentOption,
  },
  async run(input) {
    const query = queryOf(input)
    const { accounts, place } = await withSecurity(input, async (security, place) => {
      return { accounts: await everybody(security.users, query), place }
    })
    const asked = Object.keys(query).length > 0 ? 'No such accounts' : 'No accounts'
    const none = `${asked} in ${placeText(place)}.`
    answer(input, accounts, accounts.length === 0 ? none : columns(rowsOf(accounts)))
    return 0
  },
}

function queryOf(input: CommandInput): AccountQuery {
  const [search, status, role] = ['search', 'status', 'role'].map((name) =>
    stringOption(input, name),
  )
  const known = statuses.find((one) => one === status)
  if (status !== undefined && known === undefined) {
    throw new UsageError(`--status is one of ${statuses.join(', ')}.`)
  }
  return {
    ...(search === undefined ? {} : { search }),
    ...(known === undefined ? {} : { status: known }),
    ...(role === undefined ? {} : { role }),
  }
}

async function everybody(users: Users, query: AccountQuery): Promise<readonly KnownAccount[]> {
  const all: KnownAccount[] = []
  let after: string | undefined
  do {
    const page = await users.search({ ...query, limit: 200, after })
    all.push(...page.users.map(knownOf))
    after = page.next ?? undefined
  } while (after !== undefined)
  return all
}

function rowsOf(accounts: readonly KnownAccount[]): string[][] {
  const head = ['ADDRESS', 'NAME', 'STATUS', 'ROLES', 'MADE', 'ID']
  const rows = accounts.map((one) => [
    one.email,
    one.username ?? '-',
    one.status,
    one.roles.join(',') || '-',
    new Date(one.createdAt).toISOString().slice(0, 10),
    one.id,
  ])
  return [head, ...rows]
}

export const usersShow: Command = {
  name: 'users show',
  summary: 'Show an account: its status and why, its roles, when it was used, its sessions.',
  positionals: ['ACCOUNT'],
  options: developmentOption,
  async run(input) {
    const [name = ''] = input.positionals
    const { account, factors, sessions } = await withSecurity(input, async ({ users }, place) => {
      const sessions = await finding(place, users.sessions(name))
      return { account: await users.find(name), factors: await users.factors(name), sessions }
    })
    if (!account) return 1
    const { passkeys, pendingReset, recoveryCodesLeft, totp } = factors
    const open = sessions.map(({ id, created_at, last_activity_at, ip, user_agent }) => ({
      id,
      createdAt: created_at,
      lastActivityAt: last_activity_at,
      ip,
      userAgent: user_agent,
    }))
    const shown = {
      ...knownOf(account),
      factors: { totp, recoveryCodesLeft, passkeys, pendingReset },
    }
    answer(input, { ...shown, sessions: open }, describe(account, factors, sessions))
    return 0
  },
}

function describe(account: AccountView, factors: AccountFactors, sessions: Sessions): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ['Address', `${account.email}${account.verifiedAt === null ? ' (not confirmed)' : ''}`],
    ['Username', account.username],
    ['Name', account.displayName],
    ['Company', account.companyName],
    ['Id', account.id],
    ['Status', statusText(account)],
    ['Erased', instant(account.eraseAt)],
    ['Roles', account.roles.join(', ') || 'none'],
    ['Made', `${instant(account.createdAt)} by ${account.createdBy ?? 'registration'}`],
    ['Confirmed', instant(account.verifiedAt)],
    ['Password', passwordText(account)],
    ['Second factor', factorText(account, factors)],
    ['Factor reset', pendingText(factors)],
    ['Last sign-in', signInText(account)],
    ['Last failure', instant(account.lastFailureAt)],
    [
      'Metadata',
      Object.keys(account.metadata).length > 0 ? JSON.stringify(account.metadata) : null,
    ],
    ['Sessions', sessions.length === 0 ? 'none' : String(sessions.length)],
  ]
  const shown = facts.flatMap(([name, value]) => (value === null ? [] : [[name, plain(value)]]))
  return [columns(shown), ...sessions.map(sessionText)].join('\n')
}

function statusText({ lockedUntil, status, statusReason }: AccountView): string {
  const end = lockedUntil === null ? '' : ` until ${instant(lockedUntil)}`
  return `${status}${end}${statusReason === null ? '' : `: ${statusReason}`}`
}

function passwordText({ passwordChangedAt, passwordLockedUntil }: AccountView): string {
  if (passwordChangedAt === null) return 'none'
  const guesses = passwordLockedUntil === null ? '' : ' after wrong guesses'
  const locked = guesses && `; locked until ${instant(passwordLockedUntil)}${guesses}`
  return `set ${instant(passwordChangedAt)}${locked}`
}

function factorText(
  { passkeys, totpSince }: AccountView,
  { recoveryCodesLeft: left }: AccountFactors,
): string {
  const held = [
    ...(totpSince === null ? [] : [`authenticator app since ${instant(totpSince)}`]),
    ...(passkeys === 0 ? [] : [counted(passkeys, 'passkey')]),
  ]
  return held.length === 0 ? 'none' : `${held.join(', ')}, ${counted(left, 'recovery code')} left`
}

function pendingText({ pendingReset }: AccountFactors): string | null {
  if (!pendingReset) return null
  const { expiresAt, reason, requestedBy } = pendingReset
  return `waits for a second administrator until ${instant(expiresAt)}; asked for by ${requestedBy}: ${reason}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function signInText({ lastSignInAt, lastSignInIp }: AccountView): string {
  if (lastSignInAt === null) return 'never'
  return `${instant(lastSignInAt)}${lastSignInIp === null ? '' : ` from ${lastSignInIp}`}`
}

function sessionText({ id, ip, last_activity_at, user_agent }: Sessions[number]): string {
  const where = [ip, user_agent].filter((part) => part !== null).join(', ')
  return plain(`    ${id}  used ${instant(last_activity_at)}${where && `  ${where}`}`)
}

function instant(at: number): string
function instant(at: number | null): string | null
function instant(at: number | null): string | null {
  return at === null ? null : `${new Date(at).toISOString().slice(0, 19)}Z`
}

const unsafe = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** Names and user agents come from strangers: nothing in them may steer the terminal. */
function plain(text: string): string {
  return text.replace(unsafe, '�')
}
