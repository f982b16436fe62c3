import { type Command, type CommandOption, globalOptions } from './command.ts'

/** The help of the whole program. */
export function programHelp(commands: readonly Command[]): string {
  const rows = commands.map(({ name, positionals = [], summary }) => [
    [name, ...positionals].join(' '),
    summary,
  ])
  return `Usage: holdfast COMMAND [options]

Commands:
${columns(rows)}

Options:
${columns(optionRows(globalOptions))}

Settings come from the environment and from .env in the working directory;
docs/environment.md lists them. "holdfast COMMAND --help" tells more.`
}

/** The help of one command. */
export function commandHelp({ name, summary, positionals = [], options, notes }: Command): string {
  const needed = Object.entries(options).flatMap(([option, { needed, value }]) =>
    needed ? [`--${option} ${value}`] : [],
  )
  const usage = ['holdfast', name, ...positionals, ...needed, '[options]'].join(' ')
  return `Usage: ${usage}

${summary}${notes ? `\n\n${notes}` : ''}

Options:
${columns(optionRows({ ...options, ...globalOptions }))}`
}

function optionRows(options: Readonly<Record<string, CommandOption>>): string[][] {
  return Object.entries(options).map(([name, { short, value, needed, help }]) => [
    `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}${needed ? '  (needed)' : ''}`,
    help,
  ])
}

/** Rows of cells, padded so that they stand below each other. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return rows.map((row) => `  ${line(row)}`).join('\n')
}
