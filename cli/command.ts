import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { didYouMean } from '../src/config/index.ts'
import type { Terminal } from './terminal.ts'

/** Options by name, as `parseArgs` wants them, each with a line for the help. */
export interface CommandOption {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly multiple?: boolean
  /** How a value is shown in the help, such as `FILE`. */
  readonly value?: string
  /** Nothing is done without it; the command itself refuses. */
  readonly needed?: true
  readonly help: string
}

export interface CommandInput {
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  readonly positionals: readonly string[]
  readonly json: boolean
  readonly terminal: Terminal
}

/** One command: what its help says and what it does. */
export interface Command {
  /** One or more words: `users create`. */
  readonly name: string
  readonly summary: string
  /** Names of the positional arguments; all are needed unless in brackets. `[NAME...]` takes any number. */
  readonly positionals?: readonly string[]
  readonly options: Readonly<Record<string, CommandOption>>
  /** More for the help of this command: examples, warnings. */
  readonly notes?: string
  readonly run: (input: CommandInput) => Promise<number>
}

/** The command line was written wrongly; the process ends with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The work could not be done for a reason that the message tells whole; the process ends with 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
}

export const globalOptions: Readonly<Record<string, CommandOption>> = {
  json: {
    type: 'boolean',
    help: 'Answer with JSON on standard output, errors as JSON on standard error.',
  },
  help: { type: 'boolean', short: 'h', help: 'Show this help.' },
  version: { type: 'boolean', help: 'Show the version.' },
}

type Parsed = Omit<CommandInput, 'json' | 'terminal'>

/** Reads the arguments of `command`. Throws UsageError that names the nearest known option. */
export function parseArguments(command: Command, args: readonly string[]): Parsed {
  const options = { ...command.options, ...globalOptions }
  const { values, positionals } = parseStrictly(args, options)
  for (const [name, value] of Object.entries(values)) {
    if (value === '') throw new UsageError(`--${name} needs a value.`)
  }
  if (values.help !== true) checkPositionals(command, positionals)
  return { values: values as Parsed['values'], positionals }
}

function parseStrictly(args: readonly string[], options: Readonly<Record<string, CommandOption>>) {
  try {
    const config: ParseArgsOptionsConfig = Object.fromEntries(
      Object.entries(options).map(([name, { type, short, multiple }]) => [
        name,
        { type, ...(short ? { short } : {}), ...(multiple ? { multiple } : {}) },
      ]),
    )
    return parseArgs({ args: [...args], options: config, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(explain(error, Object.keys(options)))
  }
}

function explain(error: unknown, names: readonly string[]): string {
  const message = error instanceof Error ? error.message : String(error)
  const unknown = /^Unknown option '(-{1,2}([^']*))'/.exec(message)
  if (!unknown) return message.split('\n')[0] ?? message
  const options = names.map((name) => `--${name}`)
  return `Unknown option ${unknown[1]}.${didYouMean(unknown[1] ?? '', options)}`
}

function checkPositionals(
  { name, positionals: wanted = [] }: Command,
  given: readonly string[],
): void {
  const needed = wanted.filter((one) => !one.startsWith('['))
  const missing = needed[given.length]
  if (missing !== undefined) throw new UsageError(`holdfast ${name} needs ${missing}.`)
  const extra = given[wanted.length]
  const takesMore = wanted.at(-1)?.endsWith('...]') === true
  if (extra !== undefined && !takesMore)
    throw new UsageError(`holdfast ${name} does not take "${extra.slice(0, 80)}".`)
}

/** The value of an option that takes one. */
export function stringOption(input: CommandInput, name: string): string | undefined {
  const value = input.values[name]
  return typeof value === 'string' ? value : undefined
}

/** Writes `value` as JSON with `--json`, else `text`. */
export function answer(input: CommandInput, value: unknown, text: string): void {
  input.terminal.out(input.json ? JSON.stringify(value) : text)
}
