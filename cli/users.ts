import type { NewInvitation } from '../src/admin/index.ts'
import { SecurityError } from '../src/errors/index.ts'
import type { Security } from '../src/security.ts'
import {
  answer,
  type Command,
  type CommandInput,
  type CommandOption,
  stringOption,
  UsageError,
} from './command.ts'
import { developmentOption, withSecurity } from './open-security.ts'
import { finding, operator, placeText, reasonOption, rolesText } from './operator.ts'
import { passwordOption, readPassword } from './password-input.ts'
import { explainRoles } from './role-names.ts'
import { usersChanges } from './users-change.ts'
import { usersList, usersShow } from './users-read.ts'

const namesOptions: Readonly<Record<string, CommandOption>> = {
  role: {
    type: 'string',
    multiple: true,
    value: 'ROLE',
    help: 'Role; may be given several times. Default: the role of new accounts.',
  },
  username: { type: 'string', value: 'NAME', help: 'Name to sign in with beside the address.' },
  'display-name': { type: 'string', value: 'TEXT', help: 'Name to show.' },
  company: { type: 'string', value: 'TEXT', help: 'Company to show; decides no access.' },
}

const usersCreate: Command = {
  name: 'users create',
  summary: 'Make an active account, such as the first administrator.',
  options: {
    email: { type: 'string', value: 'ADDRESS', help: 'Address; it counts as verified.' },
    ...passwordOption,
    verified: {
      type: 'boolean',
      help: 'Says that the address is known to be right, as it must be here.',
    },
    ...namesOptions,
    ...reasonOption,
    ...developmentOption,
  },
  notes: `  holdfast users create --email root@example.com --role super_admin
  holdfast users create --email root@example.com --password - --role super_admin < password.txt`,
  async run(input) {
    const email = stringOption(input, 'email')
    if (email === undefined) throw new UsageError('holdfast users create needs --email ADDRESS.')
    const account = { ...namesOf(input, email), password: await readPassword(input) }
    const { made, place } = await withSecurity(input, async (security, place) => {
      const creating = security.users.create(account, operator(input))
      return { made: await explainRoles(security, creating), place }
    })
    const where = placeText(place)
    answer(input, made, `Made ${made.email} (${made.id}) with ${rolesText(made)} in ${where}.`)
    return 0
  },
}

const usersInvite: Command = {
  name: 'users invite',
  summary: 'Make an account for somebody, who gets a link by mail to choose a password.',
  positionals: ['ADDRESS'],
  options: { ...namesOptions, ...reasonOption, ...developmentOption },
  notes: `  holdfast users invite ada@example.com --role manager
  For somebody who was invited before and has not accepted, a new link is mailed; the one before ends.`,
  async run(input) {
    const [email = ''] = input.positionals
    const { invited, place } = await withSecurity(
      input,
      async (security, place) => ({ invited: await invite(security, input, email), place }),
      { links: true },
    )
    const { account, again } = invited
    const verb = again ? 'Invited again' : 'Invited'
    const where = placeText(place)
    answer(
      input,
      account,
      `${verb}: ${account.email} (${account.id}) with ${rolesText(account)} in ${where}.
The mail waits in the outbox; a running server sends it.`,
    )
    return 0
  },
}

async function invite(security: Security, input: CommandInput, email: string) {
  const { users } = security
  const by = operator(input)
  try {
    const account = await explainRoles(security, users.invite(namesOf(input, email), by))
    return { account, again: false }
  } catch (error) {
    if (!(error instanceof SecurityError) || error.code !== 'account_exists') throw error
    const account = await users.find(email)
    if (account?.status !== 'pending' || account.createdBy === null) throw error
    refuseOtherNames(input)
    await users.inviteAgain(account.id, by)
    return { account, again: true }
  }
}

/** A new link changes nothing else: roles and names stay what the first invitation said. */
function refuseOtherNames(input: CommandInput): void {
  const given = Object.keys(namesOptions).find((name) => input.values[name] !== undefined)
  if (given === undefined) return
  throw new UsageError(
    `Invited before, so --${given} changes nothing. Leave it out to mail a new link.`,
  )
}

function namesOf(input: CommandInput, email: string): NewInvitation {
  const { role } = input.values
  return {
    email,
    username: stringOption(input, 'username'),
    displayName: stringOption(input, 'display-name'),
    companyName: stringOption(input, 'company'),
    roles: Array.isArray(role) ? role : undefined,
  }
}

const usersPassword: Command = {
  name: 'users password',
  summary: 'Set the password of somebody who forgot it, and end their sessions.',
  positionals: ['ACCOUNT'],
  options: { ...passwordOption, ...reasonOption, ...developmentOption },
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

/** Every command about accounts. */
export const usersCommands: readonly Command[] = [
  usersCreate,
  usersInvite,
  usersList,
  usersShow,
  usersPassword,
  ...usersChanges,
]
