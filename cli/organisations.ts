import type { By } from '../src/admin/index.ts'
import type { MemberView, OrganisationView } from '../src/organisations/index.ts'
import type { Security } from '../src/security.ts'
import { appOptions, withAppSecurity } from './app-module.ts'
import {
  answer,
  type Command,
  CommandFailure,
  type CommandInput,
  type CommandOption,
  stringOption,
  UsageError,
} from './command.ts'
import { endTime } from './end-time.ts'
import { columns } from './help.ts'
import { operator, reasonOption } from './operator.ts'
import { everyPage } from './reading.ts'
import { explainRoles } from './role-names.ts'

const list: Command = {
  name: 'organisations list',
  summary: 'List organisations, oldest first.',
  options: {
    status: { type: 'string', value: 'STATUS', help: 'active or closed; default: both.' },
    ...appOptions,
  },
  async run(input) {
    const status = statusOf(input)
    const all = await withAppSecurity(input, async ({ organisations }) => {
      const read = (after: string) =>
        organisations.list({ status, limit: 200, ...(after === '' ? {} : { after }) })
      return (await everyPage(read)).flatMap((page) => page.organisations)
    })
    const rows = all.map(({ id, name, slug, status }) => [slug, name, status, id])
    const table = columns([['SHORT NAME', 'NAME', 'STATUS', 'ID'], ...rows])
    answer(input, all, all.length === 0 ? 'No organisations.' : table)
    return 0
  },
}

const show: Command = {
  name: 'organisations show',
  summary: 'Show an organisation and what it demands of its members.',
  positionals: ['ORGANISATION'],
  options: appOptions,
  notes: 'An organisation is named by its short name or its id, here and in the commands below.',
  async run(input) {
    const [reference = ''] = input.positionals
    const found = await withAppSecurity(input, (security) => getOrganisation(security, reference))
    answer(input, found, describe(found))
    return 0
  },
}

const create: Command = {
  name: 'organisations create',
  summary: 'Make an organisation, with its first owner if there is one already.',
  options: {
    name: { type: 'string', value: 'TEXT', needed: true, help: 'What people call it.' },
    slug: { type: 'string', value: 'NAME', needed: true, help: 'Its short name, such as acme.' },
    owner: { type: 'string', value: 'ACCOUNT', help: 'Who owns it at once.' },
    'owner-email': { type: 'string', value: 'ADDRESS', help: 'Who is invited to own it.' },
    ...reasonOption,
    ...appOptions,
  },
  notes: '  holdfast organisations create --name "Acme Ltd" --slug acme --owner ada@example.com',
  async run(input) {
    const named = { name: needed(input, 'name'), slug: needed(input, 'slug') }
    const [owner, ownerEmail] = [stringOption(input, 'owner'), stringOption(input, 'owner-email')]
    if (owner !== undefined && ownerEmail !== undefined) {
      throw new UsageError('Give --owner or --owner-email, not both.')
    }
    const made = await withAppSecurity(input, async (security) => {
      const owned = owner === undefined ? {} : { owner: await idOf(security, owner) }
      const asked = { ...named, ...owned, ...(ownerEmail === undefined ? {} : { ownerEmail }) }
      return security.organisations.create(asked, operator(input))
    })
    answer(input, made, `Made ${describe(made)}`)
    return 0
  },
}

const members: Command = {
  name: 'organisations members',
  summary: 'List the members of an organisation, in the order in which they joined.',
  positionals: ['ORGANISATION'],
  options: appOptions,
  async run(input) {
    const [reference = ''] = input.positionals
    const all = await withAppSecurity(input, async ({ organisations }) => {
      const read = (after: string) =>
        organisations.members(reference, { limit: 200, ...(after === '' ? {} : { after }) })
      return (await everyPage(read)).flatMap((page) => page.members)
    })
    const rows = all.map((member) => [member.email, rolesText(member), member.userId])
    const table = columns([['ADDRESS', 'ROLES THERE', 'ID'], ...rows])
    answer(input, all, all.length === 0 ? 'No members.' : table)
    return 0
  },
}

/** One change of one member. */
interface MemberChange {
  readonly name: string
  readonly summary: string
  readonly role?: true
  readonly options?: Readonly<Record<string, CommandOption>>
  readonly apply: (
    security: Security,
    change: MemberTarget & { readonly by: By; readonly input: CommandInput },
  ) => Promise<void>
}

/** Who is meant where. */
interface MemberTarget {
  readonly reference: string
  readonly userId: string
  readonly role: string
}

/** A command that changes one member and says what they hold there then. */
function changing({ apply, name, options, role, summary }: MemberChange): Command {
  return {
    ...{ name, summary },
    positionals: ['ORGANISATION', 'ACCOUNT', ...(role ? ['ROLE'] : [])],
    options: { ...options, ...reasonOption, ...appOptions },
    async run(input) {
      const [reference = '', account = '', held = ''] = input.positionals
      const now = await withAppSecurity(input, async (security) => {
        await getOrganisation(security, reference)
        const target = { reference, userId: await idOf(security, account), role: held }
        const change = { ...target, by: operator(input), input }
        await explainRoles(security, apply(security, change))
        return security.organisations.member(reference, target.userId)
      })
      const there = now
        ? `a member of ${reference}, ${rolesText(now)}`
        : `no member of ${reference}`
      answer(input, now ?? { removed: account }, `${account} is ${there}.`)
      return 0
    },
  }
}

const memberChanges: readonly Command[] = [
  changing({
    name: 'organisations member add',
    summary: 'Make an account a member without asking its owner.',
    options: {
      role: {
        ...{ type: 'string', multiple: true, value: 'ROLE' },
        help: 'What they hold there; may be given several times. Default: the role of members.',
      },
    },
    apply: ({ organisations }, { by, input, reference, userId }) => {
      const { role: roles } = input.values
      const held = Array.isArray(roles) ? { roles: roles as readonly string[] } : {}
      return organisations.addMember(reference, { userId, ...held }, by)
    },
  }),
  changing({
    name: 'organisations member remove',
    summary: 'Remove a member with their roles there; the last owner stays.',
    apply: ({ organisations }, { by, reference, userId }) =>
      organisations.removeMember(reference, userId, by),
  }),
  changing({
    name: 'organisations role add',
    summary: 'Give a member a role in an organisation.',
    role: true,
    options: {
      until: { type: 'string', value: 'TIME', help: 'When it ends; default: never by itself.' },
      for: { type: 'string', value: 'LENGTH', help: 'For how long, such as 30d, instead.' },
    },
    apply: ({ config, organisations }, { by, input, reference, role, userId }) => {
      const expiresAt = endTime(input, config.clock.now())
      return organisations.grantRole(reference, { userId, role, expiresAt }, by)
    },
  }),
  changing({
    name: 'organisations role remove',
    summary: 'Take a role in an organisation from a member; the last owner stays.',
    role: true,
    apply: ({ organisations }, { by, reference, role, userId }) =>
      organisations.withdrawRole(reference, { userId, role }, by),
  }),
]

/** Organisations and who belongs to them. Accounts are named by id, address or username. */
export const organisationsCommands: readonly Command[] = [
  ...[list, show, create, members],
  ...memberChanges,
]

async function getOrganisation(
  { organisations }: Security,
  reference: string,
): Promise<OrganisationView> {
  const found = await organisations.find(reference)
  if (found) return found
  throw new CommandFailure(`There is no organisation '${reference}'.`)
}

async function idOf({ users }: Security, account: string): Promise<string> {
  const found = await users.find(account)
  if (found) return found.id
  throw new CommandFailure(`There is no account '${account}'.`)
}

function statusOf(input: CommandInput): 'active' | 'closed' | undefined {
  const status = stringOption(input, 'status')
  if (status === undefined || status === 'active' || status === 'closed') return status
  throw new UsageError('--status is active or closed.')
}

function needed(input: CommandInput, option: string): string {
  const value = stringOption(input, option)
  if (value !== undefined) return value
  throw new UsageError('holdfast organisations create needs --name TEXT and --slug NAME.')
}

function rolesText({ roles }: MemberView): string {
  if (roles.length === 0) return 'no role there'
  return roles
    .map(({ expiresAt, role }) => role + (expiresAt === null ? '' : until(expiresAt)))
    .join(', ')
}

function until(at: number): string {
  return ` until ${new Date(at).toISOString()}`
}

function describe({ id, name, policy, slug, status }: OrganisationView): string {
  const demands = Object.entries(policy).map(
    ([member, value]) => `  demands  ${member} ${JSON.stringify(value)}`,
  )
  return [`${slug}: ${name} (${status}, ${id})`, ...demands].join('\n')
}
