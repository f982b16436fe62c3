import { resolve } from 'node:path'
import { generateSecrets, writePrivateFile } from '../src/config/index.ts'
import { answer, type Command, CommandFailure, stringOption } from './command.ts'

export const secretsGenerate: Command = {
  name: 'secrets generate',
  summary: 'Make a master key: 256 random bits, base64url.',
  options: {
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      help: 'Write MASTER_ENCRYPTION_KEY=... into a new file that only you can read. Never overwrites.',
    },
  },
  notes: `Keep a copy in a safe place: without the key, sealed data cannot be opened again.
  MASTER_ENCRYPTION_KEY=$(holdfast secrets generate)`,
  async run(input) {
    const { masterKey } = generateSecrets()
    const output = stringOption(input, 'output')
    if (output === undefined) answer(input, { masterKey }, masterKey)
    else {
      const path = resolve(input.terminal.cwd, output)
      if (!writePrivateFile(path, `MASTER_ENCRYPTION_KEY=${masterKey}\n`)) {
        throw new CommandFailure(`${path} exists already and was left as it is. Name another file.`)
      }
      answer(input, { written: path }, `Written to ${path}, readable by you alone.`)
    }
    return 0
  },
}
