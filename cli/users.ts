import { userInfo } from 'node:os'
import type { AccountView, By, NewAccount } from '../src/admin/index.ts'
import { SecurityError } from '../src/errors/index.ts'
import { answer, type Command, type CommandInput, stringOption, UsageError } from './command.ts'
import type { DatabasePlace } from './database-place.ts'
import { columns } from './help.ts'
import { developmentOption, withSecurity } from './open-security.ts'
import { passwordOption, readPassword } from './password-input.ts'
import { explainRoles } from './role-names.ts'

const reason = {
  reason: { type: 'string', value: 'TEXT', help: 'Why; kept in the audit log.' },
} as const

const usersCreate: Command = {
  name: 'users create',
  summary: 'Make an active account, such as the first administrator.',
  options: {
    email: { type: 'string', value: 'ADDRESS', help: 'Address; it counts as verified.' },
    ...passwordOption,
    role: {
      type: 'string',
      multiple: true,
      value: 'ROLE',
      help: 'Role; may be given several times. Default: the role of new accounts.',
    },
    verified: {
      type: 'boolean',
      help: 'Says that the address is known to be right, as it must be here.',
    },
    username: { type: 'string', value: 'NAME', help: 'Name to sign in with beside the address.' },
    'display-name': { type: 'string', value: 'TEXT', help: 'Name to show.' },
    company: { type: 'string', value: 'TEXT', help: 'Company to show; decides no access.' },
    ...reason,
    ...developmentOption,
  },
  notes: `  holdfast users create --email root@example.com --role super_admin
  holdfast users create --email root@example.com --password - --role super_admin < password.txt`,
  async run(input) {
    const account = await accountOf(input)
    const { made, place } = await withSecurity(input, async (security, place) => {
      const creating = security.users.create(account, operator(input))
      return { made: await explainRoles(security, creating), place }
    })
    const where = placeText(place)
    answer(input, made, `Made ${made.email} (${made.id}) with ${rolesText(made)} in ${where}.`)
    return 0
  },
}

async function accountOf(input: CommandInput): Promise<NewAccount> {
  const email = stringOption(input, 'email')
  if (email === undefined) throw new UsageError('holdfast users create needs --email ADDRESS.')
  const { role } = input.values
  const [username, displayName, companyName] = ['username', 'display-name', 'company'].map((name) =>
    stringOption(input, name),
  )
  return {
    email,
    password: await readPassword(input),
    ...(username === undefined ? {} : { username }),
    ...(displayName === undefined ? {} : { displayName }),
    ...(companyName === undefined ? {} : { companyName }),
    ...(Array.isArray(role) ? { roles: role } : {}),
  }
}

const usersList: Command = {
  name: 'users list',
  summary: 'List the accounts, oldest first.',
  options: developmentOption,
  async run(input) {
    const { accounts, place } = await withSecurity(input, async (security, place) => {
      return { accounts: await everybody(security.users), place }
    })
    const none = `No accounts in ${placeText(place)}.`
    answer(input, accounts, accounts.length === 0 ? none : columns(rowsOf(accounts)))
    return 0
  },
}

async function everybody(users: Users): Promise<readonly AccountView[]> {
  const all: AccountView[] = []
  for (;;) {
    const after = all.at(-1)
    const page = await users.list({ limit: 500, ...(after ? { after } : {}) })
    all.push(...page)
    if (page.length === 0) return all
  }
}

const usersPassword: Command = {
  name: 'users password',
  summary: 'Set the password of somebody who forgot it, and end their sessions.',
  positionals: ['ACCOUNT'],
  options: { ...passwordOption, ...reason, ...developmentOption },
  notes: '  holdfast users password ada@example.com --password - < password.txt',
  async run(input) {
    const [account = ''] = input.positionals
    const password = await readPassword(input)
    const now = await withSecurity(input, async (security, place) => {
      await finding(place, security.users.setPassword(account, password, operator(input)))
      return await security.users.find(account)
    })
    answer(input, now, `Set the password of ${account} and ended the sessions.`)
    return 0
  },
}

/** Somebody who is not found may be in another database: the message says which one was asked. */
async function finding<T>(place: DatabasePlace, change: Promise<T>): Promise<T> {
  try {
    return await change
  } catch (error) {
    if (!(error instanceof SecurityError) || error.code !== 'account_not_found') throw error
    const explanation = `${error.detail} This is ${placeText(place)}.`
    throw new SecurityError(error.code, error, { explanation })
  }
}

function placeText({ isNew, text }: DatabasePlace): string {
  return isNew ? `${text} (new)` : text
}

function rowsOf(accounts: readonly AccountView[]): string[][] {
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

interface Change {
  readonly name: string
  readonly summary: string
  readonly positionals: readonly string[]
  readonly done: string
  readonly apply: (users: Users, given: readonly [string, string], by: By) => Promise<unknown>
}

type Users = Parameters<Parameters<typeof withSecurity>[1]>[0]['users']

/** A command that changes one account and says what it is then. */
function changing({ name, summary, positionals, done, apply }: Change): Command {
  return {
    name,
    summary,
    positionals,
    options: { ...reason, ...developmentOption },
    async run(input) {
      const [account = '', role = ''] = input.positionals
      const now = await withSecurity(input, async (security, place) => {
        const applying = apply(security.users, [account, role], operator(input))
        await finding(place, explainRoles(security, applying))
        return await security.users.find(account)
      })
      answer(input, now, `${done} ${account}${now ? `: ${now.status}, ${rolesText(now)}` : ''}.`)
      return 0
    },
  }
}

/** The person at the command line, by the name that the machine knows. */
function operator(input: CommandInput): By {
  const why = stringOption(input, 'reason')
  const actor = { kind: 'operator', id: operatorName() } as const
  return why === undefined ? { actor } : { actor, reason: why }
}

/** A container may run as a user without a name. */
function operatorName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

function rolesText({ roles }: AccountView): string {
  return roles.length === 0 ? 'no role' : `role ${roles.join(', ')}`
}

/** Accounts are named by id, address or username. */
export const usersCommands: readonly Command[] = [
  usersCreate,
  usersList,
  usersPassword,
  changing({
    name: 'users role add',
    summary: 'Give an account a role.',
    positionals: ['ACCOUNT', 'ROLE'],
    done: 'Changed',
    apply: (users, [account, role], by) => users.grantRole(account, role, by),
  }),
  changing({
    name: 'users role remove',
    summary: 'Take a role away; the last super administrator stays.',
    positionals: ['ACCOUNT', 'ROLE'],
    done: 'Changed',
    apply: (users, [account, role], by) => users.withdrawRole(account, role, by),
  }),
  changing({
    name: 'users disable',
    summary: 'Close an account to its owner and end its sessions.',
    positionals: ['ACCOUNT'],
    done: 'Disabled',
    apply: (users, [account], by) => users.disable(account, by),
  }),
  changing({
    name: 'users enable',
    summary: 'Open a disabled account again.',
    positionals: ['ACCOUNT'],
    done: 'Enabled',
    apply: (users, [account], by) => users.enable(account, by),
  }),
]
