import { createReadStream, type ReadStream, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ImportRefusal, ImportSummary } from '../src/imports/index.ts'
import {
  answer,
  type Command,
  CommandFailure,
  type CommandInput,
  stringOption,
  UsageError,
} from './command.ts'
import { drawProgress } from './import-progress.ts'
import { openReport, type Report } from './import-report.ts'
import { developmentOption, withSecurity } from './open-security.ts'
import { operator, reasonOption } from './operator.ts'

/** Everything else was imported; the report says what was not. */
const someRefused = 3
/** So many refusals are told when no report is written. */
const mostTold = 20
const metadataName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/

export const importUsers: Command = {
  name: 'import',
  summary: 'Bring accounts from another system, with their password hashes.',
  positionals: ['FILE'],
  options: {
    'dry-run': { type: 'boolean', help: 'Check every line and import none.' },
    report: {
      type: 'string',
      value: 'FILE',
      help: 'Where the refused lines are listed, as JSON lines with number, code and reason.',
    },
    'keep-id': {
      type: 'string',
      value: 'NAME',
      help: 'Keep the "id" of each line in the metadata, under this name.',
    },
    ...reasonOption,
    ...developmentOption,
  },
  notes: `  holdfast import users.jsonl --dry-run
  holdfast import users.jsonl --report refused.jsonl

One JSON object a line; docs/guides/import-users.md describes the fields. When it is
interrupted, give the same file again: lines that are there already are recognised.
Exit code 3: some lines were refused, all others are imported.`,
  async run(input) {
    const source = openSource(input)
    const keepIdAs = keptId(input)
    const report = openReport(input, source.path)
    try {
      const sum = await withSecurity(input, (security) =>
        security.imports.run(source.read(), {
          ...operator(input),
          dryRun: input.values['dry-run'] === true,
          ...(keepIdAs === undefined ? {} : { keepIdAs }),
          onRefused: report.add,
          onProgress: drawProgress(input.terminal, source.bytes),
        }),
      )
      tell(input, sum, report)
      return sum.refused === 0 ? 0 : someRefused
    } finally {
      input.terminal.draw?.('')
      report.close()
    }
  },
}

interface Source {
  readonly path: string
  /** Opens it. */
  readonly read: () => ReadStream
  readonly bytes: number
}

function openSource(input: CommandInput): Source {
  const [name = ''] = input.positionals
  const path = resolve(input.terminal.cwd, name)
  const facts = statSync(path, { throwIfNoEntry: false })
  if (!facts?.isFile()) throw new CommandFailure(`There is no file ${name}.`)
  const read = () => createReadStream(path, { highWaterMark: 262_144 })
  return { path, read, bytes: facts.size }
}

function keptId(input: CommandInput): string | undefined {
  const name = stringOption(input, 'keep-id')
  if (name === undefined || metadataName.test(name)) return name
  throw new UsageError('--keep-id takes a name of letters, digits and underscores.')
}

function tell(input: CommandInput, sum: ImportSummary, report: Report): void {
  input.terminal.draw?.('')
  if (!input.json) for (const line of told(report)) input.terminal.err(line)
  const dryRun = input.values['dry-run'] === true
  answer(
    input,
    { ...sum, dryRun, ...(report.path === undefined ? { refusals: report.kept } : {}) },
    `${dryRun ? 'Would import' : 'Imported'} ${counted(sum.imported, 'account')}${others(sum)}.`,
  )
}

function others({ known, refused }: ImportSummary): string {
  const before = known === 0 ? '' : `, ${counted(known, 'line')} imported before`
  return `${before}${refused === 0 ? '' : `, ${counted(refused, 'line')} refused`}`
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

function told({ count, kept, path }: Report): string[] {
  if (path !== undefined) return count === 0 ? [] : [`The refused lines are listed in ${path}.`]
  const lines = kept.slice(0, mostTold).map(sentence)
  const more = count - lines.length
  return more > 0 ? [...lines, `... and ${more} more. --report FILE lists them all.`] : lines
}

function sentence({ code, detail, field, line }: ImportRefusal): string {
  return `line ${line}: ${code}${field === undefined ? '' : ` (${field})`}: ${detail}`
}
