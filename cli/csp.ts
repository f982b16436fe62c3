import type {
  CspFinding,
  CspSourceSuggestion,
  CspSuggestion,
  CspSummary,
} from '../src/csp/index.ts'
import { appNote, appOptions, withAppSecurity } from './app-module.ts'
import { answer, type Command, stringOption, UsageError } from './command.ts'
import { columns } from './help.ts'

const daysOption = (usual: number) =>
  ({
    type: 'string',
    value: 'N',
    help: `Days in UTC, today included; ${usual} unless given, at most 30.`,
  }) as const

const report: Command = {
  name: 'csp report',
  summary: 'Tell what browsers reported about the Content-Security-Policy.',
  options: { days: daysOption(7), ...appOptions },
  notes:
    '  Anybody can send reports: they are hints. An address is never kept whole, a route is what your code wrote.',
  async run(input) {
    const days = daysOf(stringOption(input, 'days'), 7)
    const summary = await withAppSecurity(input, ({ csp }) => csp.summary({ days }))
    answer(input, summary, `${describeSummary(summary)}\n\n${lateNote}`)
    return 0
  },
}

const suggest: Command = {
  name: 'csp suggest',
  summary: 'Propose the tightest Content-Security-Policy that lets pass what browsers reported.',
  options: { days: daysOption(30), ...appOptions },
  notes: `  holdfast csp suggest --app dist/app.js
  Without --app the policy is that of the environment, which may not be that of your app. Nothing is changed.
  It never proposes 'unsafe-inline', 'unsafe-eval', '*' or data: for scripts, and says what to change in the
  page instead. Anybody can send reports: take only addresses that you know.`,
  async run(input) {
    const days = daysOf(stringOption(input, 'days'), 30)
    const suggestion = await withAppSecurity(input, ({ csp }) => csp.suggest({ days }))
    const none = 'No policy is sent: headers.contentSecurityPolicy is false.'
    const text = suggestion ? describeSuggestion(suggestion) : none
    const notes = [...appNote(input, 'policy is'), lateNote]
    answer(input, suggestion ?? null, [text, ...notes].join('\n\n'))
    return suggestion ? 0 : 1
  },
}

/** Nodes write what they count every ten seconds; this command is another process. */
const lateNote = 'What came in the last ten seconds may be missing.'

/** What browsers reported, and what follows. */
export const cspCommands: readonly Command[] = [report, suggest]

function daysOf(text: string | undefined, usual: number): number {
  if (text === undefined) return usual
  const days = /^\d{1,2}$/.test(text) ? Number(text) : 0
  if (days < 1 || days > 30) throw new UsageError('--days is a whole number from 1 to 30.')
  return days
}

function describeSummary({ findings, reports, since }: CspSummary): string {
  const from = dayOf(since)
  if (findings.length === 0) return `Nothing was reported since ${from}.`
  const head = ['DIRECTIVE', 'BLOCKED', 'BY', 'ROUTE', 'REPORTS', 'CLIENTS', 'DAYS', 'POLICY']
  const table = columns([head, ...findings.map(rowOf)])
  return `${counted(reports, 'report')} since ${from}, the most frequent first:\n${table}`
}

function rowOf(finding: CspFinding): string[] {
  const { blocked, clients, days, directive, disposition, reports, route, source } = finding
  const trial = disposition === 'report' ? 'on trial' : 'holds'
  const counts = [reports, clients, days].map(String)
  return [directive, blocked, source || '-', route, ...counts, trial]
}

function describeSuggestion(suggestion: CspSuggestion): string {
  const { advice, sources } = suggestion
  const quiet = advice.length === 0 && sources.length === 0
  return [
    basisOf(suggestion),
    ...(suggestion.onTrial === 0 ? [] : [trialText(suggestion)]),
    ...(sources.length === 0 ? [] : [sourcesText(suggestion)]),
    ...(advice.length === 0 ? [] : [adviceText(suggestion)]),
    ...(quiet ? [quietText(suggestion)] : []),
    ...(sources.every(isLeftOut(suggestion)) ? [] : [optionText(suggestion)]),
  ].join('\n\n')
}

function basisOf({ days, disposition, firstAt, lastAt, leftOut, reports }: CspSuggestion): string {
  const what = disposition === 'report' ? 'the policy on trial' : 'the policy that holds'
  const left =
    leftOut === 0
      ? ''
      : ` ${counted(leftOut, 'report')} left out: extensions of browsers, and what is allowed by now.`
  if (firstAt === null || lastAt === null) return `No reports about ${what}.${left}`
  const span = `from ${dayOf(firstAt)} to ${dayOf(lastAt)}`
  const short = days < 7 ? ' That is less than a week: what is used less often is not in it.' : ''
  return `About ${what}, from ${counted(reports, 'report')} ${span}, the most frequent on ${counted(days, 'day')}.${short}${left}`
}

function trialText({ onTrial }: CspSuggestion): string {
  const are = onTrial === 1 ? 'is' : 'are'
  return `${counted(onTrial, 'report')} ${are} about a policy on trial that these options do not know; give --app FILE with the app that has it.`
}

/** Whether a source is only told, because one client alone reported it. */
function isLeftOut({ directives }: CspSuggestion) {
  return ({ directive, source }: CspSourceSuggestion): boolean =>
    !(directives[directive] || []).includes(source)
}

function sourcesText(suggestion: CspSuggestion): string {
  const leftOut = suggestion.sources.filter(isLeftOut(suggestion))
  const taken = suggestion.sources.filter((source) => !leftOut.includes(source))
  return [
    ...(taken.length === 0 ? [] : [`To be allowed, if you know them:\n${sourceTable(taken)}`]),
    ...(leftOut.length === 0
      ? []
      : [`Told by one client alone, so not in the option:\n${sourceTable(leftOut)}`]),
  ].join('\n\n')
}

function sourceTable(sources: readonly CspSourceSuggestion[]): string {
  const rows = sources.map(({ clients, directive, reports, routes, source }) => [
    ...[directive, source, counted(reports, 'report'), counted(clients, 'client')],
    routes.join(', '),
  ])
  return columns(rows)
}

function adviceText({ advice }: CspSuggestion): string {
  const parts = advice.map(
    ({ blocked, directive, reports, routes, todo }) =>
      `  ${directive}: ${blocked}, ${counted(reports, 'report')}, ${routes.join(', ')}\n    ${todo}`,
  )
  return `To be changed in the pages; no policy worth having allows it:\n${parts.join('\n')}`
}

function quietText({ disposition, onTrial, option }: CspSuggestion): string {
  if (disposition === 'enforce')
    return onTrial === 0
      ? 'There is nothing to change.'
      : 'There is nothing to change in the policy that holds.'
  return option === 'candidate'
    ? 'Once you trust the silence, move `directives` of the candidate to `contentSecurityPolicy.directives` and remove `candidate`.'
    : 'Once you trust the silence, remove `reportOnly`.'
}

/** The option to paste, as TypeScript. */
function optionText({ directives, option }: CspSuggestion): string {
  const lines = Object.entries(directives).map(
    ([name, list]) =>
      `'${name}': ${list === false ? 'false' : `[${list.map(quoted).join(', ')}]`},`,
  )
  const block = option === 'candidate' ? ['candidate: {', 'directives: {'] : ['directives: {']
  const opened = ['headers: {', 'contentSecurityPolicy: {', ...block]
  const text = [
    ...opened.map((line, at) => `${'  '.repeat(at)}${line}`),
    ...lines.map((line) => `${'  '.repeat(opened.length)}${line}`),
    ...opened.map((_, at) => `${'  '.repeat(opened.length - 1 - at)}},`),
  ]
  return `The option:\n${text.map((line) => `  ${line}`).join('\n')}`
}

function quoted(source: string): string {
  return source.includes("'") ? `"${source}"` : `'${source}'`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
