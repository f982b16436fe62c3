import { CommandFailure, type CommandInput, stringOption, UsageError } from './command.ts'

/**
 * The password of `--password`: `-` reads standard input, up to its last line end. Written on the
 * command line it works too, with a warning: process lists and shell histories keep it.
 */
export async function readPassword(input: CommandInput): Promise<string> {
  const given = stringOption(input, 'password')
  if (given === undefined)
    throw new UsageError('Give --password - and the password on standard input.')
  if (given !== '-') {
    input.terminal.err(
      'holdfast: a password on the command line is seen by others and kept in the history of the shell. Better: --password - and standard input.',
    )
    return given
  }
  const password = (await input.terminal.input()).replace(/\r?\n$/, '')
  if (password === '') throw new CommandFailure('Standard input held no password.')
  return password
}
