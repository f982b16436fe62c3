import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Depth } from './http-bench.ts'
import type { Machine } from './machine.ts'
import { resultsFolder } from './paths.ts'
import type { GoalResult, Judgement, KindResult } from './verdict.ts'

/** How a metric is called and written. */
export interface Column {
  readonly metric: string
  readonly title: string
  readonly digits: number
}

export interface Result {
  readonly name: string
  readonly title: string
  readonly depth: Depth
  readonly machine: Machine
  readonly finishedAt: string
  readonly seconds: number
  readonly columns: readonly Column[]
  readonly judgement: Judgement
}

/** Writes `bench/results/NAME.json`. Only a run that counts is written. */
export function writeResult(result: Result): string {
  mkdirSync(resultsFolder, { recursive: true })
  const file = join(resultsFolder, `${result.name}.json`)
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
  return file
}

/** The result as plain text, with everything that is needed to judge it. */
export function render(result: Result): string {
  const { depth, judgement, machine } = result
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`)
  return [
    `${result.name}: ${result.title}`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, load ${machine.load}`,
    `Node.js ${machine.node}, holdfast ${machine.commit}, ${versions.join(', ')}`,
    `${depth.processes} processes a kind, ${depth.rounds} rounds each; value = median of process medians, ± = largest minus smallest of them`,
    '',
    ...table([headings(result), ...judgement.kinds.map((kind) => rowOf(kind, result.columns))]),
    ...decisionLines(judgement.kinds),
    ...goalLines(judgement.goals),
    '',
    ...verdictLines(judgement),
  ].join('\n')
}

function headings({ columns }: Result): string[] {
  return ['kind', ...columns.map(({ title }) => title), 'over the first', 'process medians']
}

function rowOf({ figures, kind, overBaseline }: KindResult, columns: readonly Column[]): string[] {
  const cells = columns.map(({ digits, metric }) => {
    const figure = figures[metric]
    return figure ? `${figure.value.toFixed(digits)} ±${figure.spread.toFixed(digits)}` : '-'
  })
  const first = columns[0]
  const digits = first?.digits ?? 1
  const medians = figures[first?.metric ?? '']?.processes ?? []
  return [
    kind,
    ...cells,
    overBaseline
      ? `${overBaseline.value.toFixed(digits)}${overBaseline.resolved ? '' : ' (unresolved)'}`
      : '',
    medians.map((value) => value.toFixed(digits)).join(' '),
  ]
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  )
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

function decisionLines(kinds: readonly KindResult[]): string[] {
  const lines = kinds
    .filter(({ decisions }) => Object.keys(decisions).length > 0)
    .map(({ decisions, kind }) => {
      const parts = Object.entries(decisions).map(([control, { allowed, refused }]) =>
        refused === undefined ? `${control} ${allowed}` : `${control} ${allowed}/${refused}`,
      )
      return `  ${kind}: ${parts.join(', ')}`
    })
  return lines.length === 0 ? [] : ['', 'decisions (let pass/refused):', ...lines]
}

function goalLines(goals: readonly GoalResult[]): string[] {
  const lines = goals.map(({ bound, spread, text, value, verdict }) => {
    const number = (figure: number) => figure.toPrecision(3)
    return `  ${verdict.padEnd(10)} ${text}: ${number(value)} ±${number(spread)} (${bound})`
  })
  return lines.length === 0 ? [] : ['', 'goals:', ...lines]
}

function verdictLines({ voids }: Judgement): string[] {
  if (voids.length === 0) return ['The run counts.']
  return ['VOID, the run says nothing:', ...voids.map((reason) => `  ${reason}`)]
}
