import {
  CommandFailure,
  type CommandInput,
  type CommandOption,
  stringOption,
  UsageError,
} from './command.ts'

/** For commands that set a password. */
export const passwordOption: Readonly<Record<string, CommandOption>> = {
  password: {
    type: 'string',
    value: '-',
    help: 'Reads the password from standard input. Without it you are asked.',
  },
}

/**
 * The password of `--password`: `-` reads standard input, up to its last line end; without the option
 * the person at the terminal is asked, twice. Written on the command line it works too, with a
 * warning: process lists and shell histories keep it.
 */
export async function readPassword(input: CommandInput): Promise<string> {
  const given = stringOption(input, 'password')
  if (given === undefined) return await askTwice(input)
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

async function askTwice({ terminal }: CommandInput): Promise<string> {
  if (!terminal.ask) {
    throw new UsageError('Give --password - and the password on standard input.')
  }
  const password = await terminal.ask('Password: ')
  if (password === '') throw new CommandFailure('Nothing was entered.')
  const { equalSecrets } = await import('../src/crypto/index.ts')
  if (!equalSecrets(password, await terminal.ask('The same again: '))) {
    throw new CommandFailure('The two differ. Nothing was changed.')
  }
  return password
}
