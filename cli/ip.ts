import { SecurityError } from '../src/errors/index.ts'
import type { IpCheck, IpRule, IpRuleAction, IpRuleBook } from '../src/ip-rules/index.ts'
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
import { everyPage, readText } from './reading.ts'

const scopeOption: Readonly<Record<string, CommandOption>> = {
  scope: {
    type: 'string',
    value: 'SCOPE',
    help: 'Where it holds: all (default), admin, auth, or a path such as /internal.',
  },
}

const endOptions: Readonly<Record<string, CommandOption>> = {
  for: {
    type: 'string',
    value: 'DURATION',
    help: 'How long: 30m, 12h, 7d. Default: until removed.',
  },
  until: { type: 'string', value: 'TIME', help: 'Its end, such as 2027-01-31T12:00:00Z.' },
}

const ipList: Command = {
  name: 'ip list',
  summary: 'List the rules about addresses.',
  options: { ...scopeOption, ...appOptions },
  notes: 'Without --app the rules of the option `ipRules` of your app are not known.',
  async run(input) {
    const scope = stringOption(input, 'scope')
    const all = await withAppSecurity(input, ({ ipRules }) => everyRule(ipRules, scope))
    const head = ['ACTION', 'RANGE', 'SCOPE', 'UNTIL', 'ID', 'REASON']
    const text = all.length === 0 ? 'There is no rule.' : columns([head, ...all.map(rowOf)])
    answer(input, all, text)
    return 0
  },
}

const ipCheck: Command = {
  name: 'ip check',
  summary: 'Say what the rules make of an address.',
  positionals: ['ADDRESS'],
  options: appOptions,
  notes: 'Ends with 1 where a scope refuses it.',
  async run(input) {
    const [address = ''] = input.positionals
    const found = await withAppSecurity(input, ({ ipRules }) => ipRules.check(address))
    if (!found) throw new CommandFailure('That is no address.')
    answer(input, found, checkText(found))
    return found.scopes.every(({ allowed }) => allowed) ? 0 : 1
  },
}

const ipRemove: Command = {
  name: 'ip remove',
  summary: 'End a rule about addresses.',
  positionals: ['ID'],
  options: { ...reasonOption, ...appOptions },
  async run(input) {
    const [id = ''] = input.positionals
    const by = operator(input)
    const rule = await withAppSecurity(input, ({ ipRules }) => ipRules.remove(id, by))
    answer(input, rule, `Removed: ${rule.action} ${rule.range} in ${rule.scope}.`)
    return 0
  },
}

const ipImport: Command = {
  name: 'ip import',
  summary: 'Deny or allow every address and range of a file, all or none.',
  positionals: ['FILE'],
  options: {
    action: { type: 'string', value: 'ACTION', help: 'deny (default) or allow.' },
    ...{ ...scopeOption, ...endOptions, ...reasonOption, ...appOptions },
  },
  notes: `  One address or range a line; what follows # or ; is left out.
  Ranges that are there already get the new end and reason.`,
  async run(input) {
    const order = { action: actionOf(input), scope: stringOption(input, 'scope') }
    endTime(input, 0)
    const lines = readText(input, input.positionals[0] ?? '').split(/\r?\n/)
    const by = operator(input)
    const done = await withAppSecurity(input, ({ config, ipRules }) => {
      const expiresAt = endTime(input, config.clock.now())
      return ipRules.import({ ...order, expiresAt, lines }, by)
    })
    answer(input, done, `${done.added} new, ${done.renewed} renewed.`)
    return 0
  },
}

/** Rules about addresses; they hold on running servers at their next poll. */
export const ipCommands: readonly Command[] = [
  ipList,
  adding('allow', 'Allow an address or a range; its scope is then closed to all others.'),
  adding('deny', 'Deny an address or a range.'),
  ipRemove,
  ipCheck,
  ipImport,
]

function adding(action: IpRuleAction, summary: string): Command {
  return {
    name: `ip ${action}`,
    summary,
    positionals: ['RANGE'],
    options: { ...scopeOption, ...endOptions, ...reasonOption, ...appOptions },
    notes: `  holdfast ip ${action} 203.0.113.0/24 --scope admin --for 7d --reason "office"`,
    async run(input) {
      const [range = ''] = input.positionals
      const scope = stringOption(input, 'scope')
      endTime(input, 0)
      const by = operator(input)
      const rule = await withAppSecurity(input, ({ config, ipRules }) => {
        const expiresAt = endTime(input, config.clock.now())
        return ipRules.add({ action, range, scope, expiresAt }, by).catch((error: unknown) => {
          throw inWordsOfCommand(error, range)
        })
      })
      if (action === 'deny' && holdsThisMachine.test(rule.range)) input.terminal.err(machineHint)
      answer(input, rule, columns([rowOf(rule)]))
      return 0
    },
  }
}

/** Loopback, or a range that holds everything. */
const holdsThisMachine = /^127\.|^::1\/|\/0$/
const machineHint =
  'This range holds addresses of the machine itself. Where a proxy on it hands requests on, every client comes from there unless TRUSTED_PROXIES (trustedProxies) names the proxy: "holdfast ip remove ID" takes the rule back.'

/** The faults of a rule by what was typed instead of by the fields of a body. */
function inWordsOfCommand(error: unknown, range: string): unknown {
  if (!(error instanceof SecurityError) || error.code !== 'ip_rule_invalid') return error
  const told = (error.extras.faults ?? []).map(({ detail, pointer }) => {
    const member = pointer.split('/').at(-1)
    if (member !== 'range') return `${member === 'scope' ? '--scope' : '--until'}: ${detail}`
    return `RANGE: ${range.slice(0, 80)} is no address and no range; write one such as 10.0.0.1 or 10.0.0.0/8.`
  })
  return new UsageError(told.join(' '))
}

async function everyRule(book: IpRuleBook, scope: string | undefined): Promise<readonly IpRule[]> {
  const pages = await everyPage((after) => book.list({ scope, after, limit: 200 }))
  const fixed = pages[0]?.fixed.filter((rule) => rule.scope === (scope ?? rule.scope)) ?? []
  return [...fixed, ...pages.flatMap(({ rules }) => rules)]
}

function actionOf(input: CommandInput): IpRuleAction {
  const action = stringOption(input, 'action') ?? 'deny'
  if (action === 'allow' || action === 'deny') return action
  throw new UsageError('--action is deny or allow.')
}

function rowOf({ action, expiresAt, id, range, reason, scope }: IpRule): string[] {
  const until = expiresAt === null ? '' : new Date(expiresAt).toISOString()
  return [action, range, scope, until, id ?? '(options)', reason ?? '']
}

const reasons: Readonly<Record<IpCheck['scopes'][number]['why'], string>> = {
  no_rule: 'no rule holds it',
  allowed: 'allowed by',
  denied: 'denied by',
  not_allowed: 'others are allowed here, and this address is not',
}

function checkText({ address, scopes }: IpCheck): string {
  const rows = scopes.map((verdict) => {
    const rule = 'rule' in verdict ? ` ${verdict.rule.range}` : ''
    return [verdict.scope, verdict.allowed ? 'passes' : 'refused', reasons[verdict.why] + rule]
  })
  return `${address}\n${columns(rows)}`
}
