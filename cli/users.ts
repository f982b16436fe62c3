import { userInfo } from 'node:os'
import type { AccountView, By, NewAccount } from '../src/admin/index.ts'
import { answer, type Command, type CommandInput, stringOption, UsageError } from './command.ts'
import { columns } from './help.ts'
import { developmentOption, withSecurity } from './open-security.ts'
import { readPassword } from './password-input.ts'

const reason = {
  reason: { type: 'string', value: 'TEXT', help: 'Why; kept in the audit log.' },
} as const

const usersCreate: Command = {
  name: 'users create',
  summary: 'Make an active account, such as the first administrator.',
  options: {
    email: { type: 'string', value: 'ADDRESS', help: 'Address; it counts as verified.' },
    password: { type: 'string', value: '-', help: 'Reads the password from standard input.' },
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
  notes: `  holdfast users create --email root@example.com --password - --role super_admin < password.txt`,
  async run(input) {
    const account = await accountOf(input)
    const made = await withSecurity(input, async (security) => {
      return await security.users.create(account, operator(input))
    })
    answer(input, made, `Made ${made.email} (${made.id}) with ${rolesText(made)}.`)
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
    const accounts = await withSecurity(input, async (security) => {
      const all: AccountView[] = []
      for (;;) {
        const after = all.at(-1)
        const page = await security.users.list({ limit: 500, ...(after ? { after } : {}) })
        all.push(...page)
        if (page.length === 0) return all
      }
    })
    answer(input, accounts, accounts.length === 0 ? 'No accounts.' : columns(rowsOf(accounts)))
    return 0
  },
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
      const now = await withSecurity(input, async (security) => {
        await apply(security.users, [account, role], operator(input))
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
