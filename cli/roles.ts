import type { CustomRole, RoleDefinition } from '../src/access/index.ts'
import { SecurityError } from '../src/errors/index.ts'
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
import { columns } from './help.ts'
import { operator, reasonOption } from './operator.ts'
import { everyPage, readJson } from './reading.ts'

const rolesList: Command = {
  name: 'roles list',
  summary: 'List the roles and what they hold.',
  options: appOptions,
  notes: 'Without --app the roles of your app are not known.',
  async run(input) {
    const all = await withAppSecurity(input, everyRole)
    answer(input, all, columns([['NAME', 'KIND', 'VERSION', 'HOLDS'], ...all.map(rowOf)]))
    return 0
  },
}

const rolesShow: Command = {
  name: 'roles show',
  summary: 'Show what a role holds.',
  positionals: ['ROLE'],
  options: appOptions,
  async run(input) {
    const [name = ''] = input.positionals
    const role = await withAppSecurity(input, ({ roles }) => roles.find(name))
    if (!role) throw new CommandFailure(`There is no role '${name}'.`)
    answer(input, role, describe(role))
    return 0
  },
}

const listOption = (help: string): CommandOption => ({ type: 'string', value: 'LIST', help })

const rolesSet: Command = {
  name: 'roles set',
  summary: 'Make or change a role that no code names.',
  positionals: ['ROLE'],
  options: {
    permissions: listOption('What it allows, such as read:orders,write:orders.'),
    deny: listOption('What it denies.'),
    inherits: listOption('Roles whose permissions and denials are added.'),
    file: {
      type: 'string',
      value: 'FILE',
      help: 'All of it as JSON, for permissions with conditions, instead of the three lists.',
    },
    description: { type: 'string', value: 'TEXT', help: 'What it is for.' },
    ...reasonOption,
    ...appOptions,
  },
  notes: `  holdfast roles set auditor --permissions read:orders,read:invoices --inherits user
  With --app the words are checked against the resources of your app; without it they are free, and a
  role that the app cannot read holds less than it says. Without --app no new role is made of a name that
  somebody holds: your app may define it. What was there is replaced as a whole.`,
  async run(input) {
    const [name = ''] = input.positionals
    const definition = definitionOf(input)
    const description = stringOption(input, 'description')
    const unheld = stringOption(input, 'app') === undefined
    const options = { ...operator(input), description, unheld }
    const role = await withAppSecurity(input, ({ roles }) =>
      explainHeld(roles.set(name, definition, options)),
    )
    answer(input, role, describe(role))
    return 0
  },
}

const rolesRemove: Command = {
  name: 'roles remove',
  summary: 'Remove a role that nobody holds and no role inherits.',
  positionals: ['ROLE'],
  options: { ...reasonOption, ...appOptions },
  async run(input) {
    const [name = ''] = input.positionals
    await withAppSecurity(input, ({ roles }) => roles.remove(name, operator(input)))
    answer(input, { removed: name }, `Removed ${name}.`)
    return 0
  },
}

/** Roles: those of code are shown, those that are made while the app runs are changed as well. */
export const rolesCommands: readonly Command[] = [rolesList, rolesShow, rolesSet, rolesRemove]

/** A name that is held and not known here may be a role of the app, and two of one name hold nothing. */
async function explainHeld<T>(change: Promise<T>): Promise<T> {
  try {
    return await change
  } catch (error) {
    if (!(error instanceof SecurityError) || error.code !== 'role_in_use') throw error
    const explanation =
      'Somebody holds a role of this name, or is invited to it, and the command line does not know it: your app may define it, and then none of them could do anything. Give --app FILE.'
    throw new SecurityError(error.code, error, { explanation })
  }
}

async function everyRole({ roles }: Security): Promise<readonly CustomRole[]> {
  const pages = await everyPage((after) => roles.list({ limit: 200, after }))
  return pages.flatMap((page) => page.roles)
}

function definitionOf(input: CommandInput): RoleDefinition {
  const file = stringOption(input, 'file')
  const lists = ['permissions', 'deny', 'inherits'].map((name) => listOf(stringOption(input, name)))
  const [permissions, deny, inherits] = lists
  if (file === undefined) {
    if (!permissions && !inherits) {
      throw new UsageError(
        'holdfast roles set needs --permissions LIST, --inherits LIST or --file FILE.',
      )
    }
    return { permissions: permissions ?? [], deny: deny ?? [], inherits: inherits ?? [] }
  }
  if (lists.some((list) => list !== undefined)) {
    throw new UsageError('Give --file, or --permissions, --deny and --inherits, not both.')
  }
  // Whatever it holds is judged as what a request sends.
  return readJson(input, file) as RoleDefinition
}

function listOf(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function rowOf(role: CustomRole): string[] {
  const { inherits, kind, name, permissions, version } = role
  const holds = [...permissions.map(ruleText), ...inherits.map((parent) => `all of ${parent}`)]
  return [name, kind, version === null ? '' : String(version), holds.join(', ')]
}

function describe(role: CustomRole): string {
  const { deny, description, inherits, kind, name, permissions, version } = role
  return [
    `${name} (${kind}${version === null ? '' : `, version ${version}`})`,
    ...(description === null ? [] : [`  ${description}`]),
    ...permissions.map((rule) => `  allows    ${ruleText(rule)}`),
    ...deny.map((rule) => `  denies    ${ruleText(rule)}`),
    ...inherits.map((parent) => `  inherits  ${parent}`),
  ].join('\n')
}

function ruleText(rule: CustomRole['permissions'][number]): string {
  if (typeof rule === 'string') return rule
  return `${rule.permission} when ${JSON.stringify(rule.when)}`
}
