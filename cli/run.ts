import { didYouMean, variableFor } from '../src/config/index.ts'
import { SecurityError } from '../src/errors/index.ts'
import { redactText } from '../src/ports/index.ts'
import { type Command, CommandFailure, parseArguments, UsageError } from './command.ts'
import { commandHelp, programHelp } from './help.ts'
import type { Terminal } from './terminal.ts'
import { packageVersion } from './version.ts'

/**
 * Runs one command line and gives its exit code: 0 done, 1 failed, 2 written wrongly. Nothing is
 * thrown; what went wrong stands on standard error, with the fix.
 */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  commands: readonly Command[],
): Promise<number> {
  try {
    return await dispatch(args, terminal, commands)
  } catch (error) {
    return report(error, { args, commands, terminal })
  }
}

async function dispatch(
  args: readonly string[],
  terminal: Terminal,
  commands: readonly Command[],
): Promise<number> {
  const words = wordsOf(args)
  const command = findCommand(words, commands)
  if (args[0] === '--version') return print(terminal, packageVersion())
  if (command === undefined) return withoutCommand({ args, words, terminal, commands })
  const input = parseArguments(command, withoutName(args, command))
  if (input.values.version === true) return print(terminal, packageVersion())
  if (input.values.help === true) return print(terminal, commandHelp(command))
  return await command.run({ ...input, json: input.values.json === true, terminal })
}

function wordsOf(args: readonly string[]): string[] {
  return args.filter((arg) => !arg.startsWith('-'))
}

/** The command whose words stand at the beginning; the longest wins. */
function findCommand(words: readonly string[], commands: readonly Command[]): Command | undefined {
  const line = `${words.join(' ')} `
  return commands
    .filter(({ name }) => line.startsWith(`${name} `))
    .reduce<Command | undefined>(
      (best, one) => (best && best.name.length >= one.name.length ? best : one),
      undefined,
    )
}

function withoutName(args: readonly string[], { name }: Command): string[] {
  let left = name.split(' ').length
  return args.filter((arg) => {
    const isName = left > 0 && !arg.startsWith('-')
    if (isName) left -= 1
    return !isName
  })
}

interface Unnamed {
  readonly args: readonly string[]
  readonly words: readonly string[]
  readonly terminal: Terminal
  readonly commands: readonly Command[]
}

function withoutCommand({ args, words, terminal, commands }: Unnamed): number {
  const group = commands.filter(({ name }) => name.startsWith(`${words[0]} `))
  const asked = args.includes('--help') || args.includes('-h') || words[0] === 'help'
  if (asked && (words.length === 0 || words[0] === 'help'))
    return print(terminal, programHelp(commands))
  if (asked && group.length > 0) return print(terminal, programHelp(group))
  if (words.length === 0) throw new UsageError('No command. "holdfast --help" lists them.')
  const known = (group.length > 0 ? group : commands).map(({ name }) => name)
  const typed = words.slice(0, group.length > 0 ? 2 : 1).join(' ')
  const candidates =
    group.length > 0 ? known : known.flatMap((name) => [name, name.split(' ')[0] ?? name])
  const hint = didYouMean(typed, candidates) || ` There are: ${known.join(', ')}.`
  throw new UsageError(`Unknown command "${typed.slice(0, 80)}".${hint}`)
}

function print(terminal: Terminal, text: string): number {
  terminal.out(text)
  return 0
}

interface Asked {
  readonly args: readonly string[]
  readonly commands: readonly Command[]
  readonly terminal: Terminal
}

/** Known errors are told by their message; of others only the log would know more. */
function report(error: unknown, { args, commands, terminal }: Asked): number {
  const json = args.includes('--json')
  const code =
    error instanceof SecurityError ? error.code : error instanceof UsageError ? 'usage' : 'failure'
  const message = messageOf(error)
  const failure = { code, message, ...membersOf(error) }
  terminal.err(json ? JSON.stringify({ error: failure }) : `holdfast: ${message}`)
  if (code === 'usage' && !json) terminal.err(whereToLook(args, commands))
  return code === 'usage' ? 2 : 1
}

function whereToLook(args: readonly string[], commands: readonly Command[]): string {
  const command = findCommand(wordsOf(args), commands)
  return command === undefined
    ? '"holdfast --help" lists commands and options.'
    : `"holdfast ${command.name} --help" lists its options.`
}

function messageOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof CommandFailure) return error.message
  if (!(error instanceof Error)) return redactText(String(error))
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  const faults = error instanceof SecurityError ? faultsOf(error) + availableOf(error) : ''
  return redactText(`${withVariables(error.message)}${cause}${faults}`)
}

/** Names the variable beside the option of each line of a refused configuration. */
function withVariables(message: string): string {
  return message.replace(/^ {2}- (\S+)/gm, (line, path: string) => {
    const variable = variableFor(path)
    return variable === undefined ? line : `${line} (${variable})`
  })
}

function faultsOf({ extras }: SecurityError): string {
  return (extras.faults ?? []).map(({ pointer, detail }) => `\n  - ${pointer}: ${detail}`).join('')
}

/** What a problem document says beside its code and text, such as the scopes that may be given. */
function membersOf(error: unknown): Readonly<Record<string, unknown>> {
  return error instanceof SecurityError ? (error.extras.members ?? {}) : {}
}

/** What may be given in place of what was left out. */
function availableOf({ extras }: SecurityError): string {
  const available = extras.members?.available
  if (!Array.isArray(available)) return ''
  return ` "available": ${available.length > 0 ? available.join(' ') : 'nothing'}.`
}
