import type { AccountView, By } from '../src/admin/index.ts'
import type { Security } from '../src/security.ts'
import {
  answer,
  type Command,
  type CommandInput,
  type CommandOption,
  UsageError,
} from './command.ts'
import { endTime } from './end-time.ts'
import { developmentOption, withSecurity } from './open-security.ts'
import {
  finding,
  knownOf,
  neededReason,
  operator,
  operatorWithReason,
  reasonOption,
  rolesText,
} from './operator.ts'
import { explainRoles } from './role-names.ts'

interface Change {
  readonly name: string
  readonly summary: string
  readonly positionals?: readonly string[]
  readonly options?: Readonly<Record<string, CommandOption>>
  readonly notes?: string
  /** `false` for changes of roles, which have their own record. */
  readonly needsReason?: false
  /** Whether a link is mailed, which needs the address of the app. */
  readonly links?: true
  readonly done: string
  /** What else happened, and what comes next. */
  readonly next?: string
  /** Throws UsageError for options that cannot be meant, before anything is opened. */
  readonly check?: (input: CommandInput) => void
  readonly apply: (security: Security, given: Given) => Promise<unknown>
}

interface Given {
  readonly account: string
  readonly role: string
  readonly by: By
  readonly input: CommandInput
}

const mailed = 'The mail waits in the outbox; a running server sends it.'

/** A command that changes one account and says what it is then. */
function changing({ apply, check, done, name, needsReason, next, ...change }: Change): Command {
  const { links, notes, options, positionals = ['ACCOUNT'], summary } = change
  return {
    name,
    summary,
    positionals,
    options: {
      ...options,
      ...(needsReason === false ? reasonOption : neededReason),
      ...developmentOption,
    },
    ...(notes === undefined ? {} : { notes }),
    async run(input) {
      const [account = '', role = ''] = input.positionals
      check?.(input)
      const by = needsReason === false ? operator(input) : operatorWithReason(input, name)
      const work = async (security: Security) => {
        await explainRoles(security, apply(security, { account, role, by, input }))
        return security.users.find(account)
      }
      const now = await withSecurity(
        input,
        (security, place) => finding(place, work(security)),
        links ? { links } : {},
      )
      const text = `${done} ${account}${now ? `: ${standing(now)}` : ''}.`
      const told = [text, ...(next ? [next] : []), ...(links ? [mailed] : [])]
      answer(input, now && knownOf(now), told.join('\n'))
      return 0
    },
  }
}

function standing(account: AccountView): string {
  const { lockedUntil, status } = account
  const end = lockedUntil === null ? '' : ` until ${new Date(lockedUntil).toISOString()}`
  return `${status}${end}, ${rolesText(account)}`
}

/** Whether the end of a lock can be read; what has passed is told once there is a clock. */
function checkLockEnd(input: CommandInput): void {
  endTime(input, 0)
}

const usersEndSessions: Command = {
  name: 'users end-sessions',
  summary: 'End every session of an account.',
  positionals: ['ACCOUNT'],
  options: { ...neededReason, ...developmentOption },
  async run(input) {
    const [account = ''] = input.positionals
    const by = operatorWithReason(input, 'users end-sessions')
    const ended = await withSecurity(input, ({ users }, place) =>
      finding(place, users.endSessions(account, by)),
    )
    answer(
      input,
      { ended },
      `Ended ${ended} ${ended === 1 ? 'session' : 'sessions'} of ${account}.`,
    )
    return 0
  },
}

const usersErase: Command = {
  name: 'users erase',
  summary: 'Delete an account with everything that hangs on it. It cannot be brought back.',
  positionals: ['ACCOUNT'],
  options: {
    yes: { type: 'boolean', help: 'Says that it is meant; nothing is deleted without it.' },
    ...neededReason,
    ...developmentOption,
  },
  notes: `  holdfast users erase ada@example.com --reason "asked to be forgotten" --yes
  The audit log keeps the id of the account and no name or address. Mails that wait are withdrawn.`,
  async run(input) {
    const [account = ''] = input.positionals
    const by = operatorWithReason(input, 'users erase')
    const id = await withSecurity(input, async ({ users }, place) => {
      const found = await users.find(account)
      if (found && input.values.yes !== true) throw notMeant(found)
      await finding(place, users.erase(account, by))
      return found?.id
    })
    answer(input, { erased: id }, `Erased ${account} (${id}).`)
    return 0
  },
}

function notMeant(found: AccountView): UsageError {
  const who = `${found.email} (${found.id}, ${found.status}, ${rolesText(found)})`
  return new UsageError(`This would delete ${who} for good. Give --yes to do it.`)
}

/** Accounts are named by id, address or username. */
export const usersChanges: readonly Command[] = [
  changing({
    name: 'users role add',
    summary: 'Give an account a role.',
    positionals: ['ACCOUNT', 'ROLE'],
    needsReason: false,
    done: 'Changed',
    apply: ({ users }, { account, by, role }) => users.grantRole(account, role, by),
  }),
  changing({
    name: 'users role remove',
    summary: 'Take a role away; the last super administrator stays.',
    positionals: ['ACCOUNT', 'ROLE'],
    needsReason: false,
    done: 'Changed',
    apply: ({ users }, { account, by, role }) => users.withdrawRole(account, role, by),
  }),
  changing({
    name: 'users disable',
    summary: 'Close an account to its owner and end its sessions.',
    done: 'Disabled',
    apply: ({ users }, { account, by }) => users.disable(account, by),
  }),
  changing({
    name: 'users enable',
    summary: 'Open a disabled account again, also one that its owner closed.',
    done: 'Enabled',
    apply: ({ users }, { account, by }) => users.enable(account, by),
  }),
  changing({
    name: 'users lock',
    summary: 'Lock an account, for a time or until it is unlocked, and end its sessions.',
    options: {
      for: {
        type: 'string',
        value: 'DURATION',
        help: 'How long: 30m, 12h, 7d. Default: until unlocked.',
      },
      until: { type: 'string', value: 'TIME', help: 'Its end, such as 2027-01-31T12:00:00Z.' },
    },
    notes: '  holdfast users lock ada@example.com --for 24h --reason "laptop stolen"',
    done: 'Locked',
    check: checkLockEnd,
    apply: ({ config, users }, { account, by, input }) =>
      users.lock(account, { until: endTime(input, config.clock.now()) }, by),
  }),
  changing({
    name: 'users unlock',
    summary: 'Open a lock, and let the password be tried again after wrong guesses.',
    done: 'Unlocked',
    apply: ({ users }, { account, by }) => users.unlock(account, by),
  }),
  changing({
    name: 'users force-reset',
    summary: 'Make the password useless, end the sessions, mail a link for a new one.',
    links: true,
    done: 'Asked for a new password of',
    apply: ({ users }, { account, by }) => users.forceReset(account, by),
  }),
  changing({
    name: 'users factors reset',
    summary: 'Take every second factor from somebody who lost them, and end their sessions.',
    notes: `  holdfast users factors reset ada@example.com --reason "lost her phone; seen in person"
  Whoever holds the machine needs no second administrator, also with mfa.fourEyes; a request that waits for
  one ("users show" tells) is settled by it. The password stays.`,
    links: true,
    done: 'Took every second factor from',
    next: 'Every session ended, and the owner is told by mail. The password alone signs in now, unless the app demands a second factor: then the next sign-in leads to setting one up.',
    apply: ({ users }, { account, by }) => users.resetFactors(account, by),
  }),
  usersEndSessions,
  usersErase,
]
