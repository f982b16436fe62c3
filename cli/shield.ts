import type { ShieldReport } from '../src/shadow/index.ts'
import { appNote, appOptions, withAppSecurity } from './app-module.ts'
import { answer, type Command, type CommandInput, stringOption, UsageError } from './command.ts'
import { columns } from './help.ts'

const shieldReport: Command = {
  name: 'shield report',
  summary: 'Tell what the controls of the shield would have refused, by control, rule and route.',
  options: {
    days: { type: 'string', value: 'N', help: 'Days in UTC, today included; 7 unless given.' },
    all: { type: 'boolean', help: 'Also what was refused in fact.' },
    ...appOptions,
  },
  notes: `  holdfast shield report --app dist/app.js --days 14
  Without --app the modes are those of the environment, which may not be those of your app. What was sent
  is never shown: a route is what your code wrote, and an example is a time, an address and a request id.`,
  async run(input) {
    const days = daysOf(stringOption(input, 'days'))
    const enforced = input.values.all === true ? undefined : false
    const report = await withAppSecurity(input, ({ shield }) => shield.report({ days, enforced }))
    const notes = [lateNote, ...appNote(input, 'modes are')]
    answer(input, report, [describe(report, input), ...notes].join('\n\n'))
    return 0
  },
}

/** Nodes write what they count every ten seconds; this command is another process. */
const lateNote = 'What came in the last ten seconds may be missing.'

/** What the shield does, and would do. */
export const shieldCommands: readonly Command[] = [shieldReport]

function daysOf(text = '7'): number {
  const days = /^\d{1,2}$/.test(text) ? Number(text) : 0
  if (days < 1 || days > 30) throw new UsageError('--days is a whole number from 1 to 30.')
  return days
}

function describe(report: ShieldReport, { values }: CommandInput): string {
  const { refusals, since } = report
  const from = new Date(since).toISOString().slice(0, 10)
  const head = ['CONTROL', 'MODE', 'WOULD HAVE REFUSED', 'REFUSED']
  const width = values.all === true ? 4 : 3
  const table = columns([head, ...controlRows(report)].map((row) => row.slice(0, width)))
  const none = values.all === true ? 'was refused' : 'would have been refused'
  if (refusals.length === 0) return `${table}\n\nNothing ${none} since ${from}.`
  return `${table}\n\nSince ${from}, the most frequent first:\n${refusals.map(lineOf).join('\n')}`
}

/** Controls with a mode, and those that counted under another configuration. */
function controlRows({ modes, totals }: ShieldReport): string[][] {
  const told = (control: string, enforced: boolean) =>
    findingsOf(totals.find((one) => one.control === control && one.enforced === enforced))
  const names = new Set([...Object.keys(modes), ...totals.map(({ control }) => control)])
  const modeByName: Readonly<Record<string, string>> = modes
  return [...names].map((name) => [
    ...[name, modeByName[name] ?? ''],
    ...[told(name, false), told(name, true)],
  ])
}

/** A request may break several rules, so that findings are no count of requests. */
function findingsOf(total: ShieldReport['totals'][number] | undefined): string {
  if (!total) return '0'
  const { count, requests } = total
  if (count === requests) return String(count)
  return `${count} findings in ${requests} request${requests === 1 ? '' : 's'}`
}

function lineOf({
  control,
  count,
  enforced,
  examples,
  route,
  rule,
}: ShieldReport['refusals'][number]) {
  const outcome = enforced ? 'refused' : 'would have refused'
  const cases = examples.map(({ at, field, ip, requestId }) =>
    ['   ', new Date(at).toISOString(), ip ?? 'unknown address', requestId, field ?? '']
      .join(' ')
      .trimEnd(),
  )
  return [`  ${control} ${outcome} ${count} x ${route}: ${rule}`, ...cases].join('\n')
}
