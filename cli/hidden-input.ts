import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { CommandFailure } from './command.ts'

/** Where a person types and where the prompt stands. */
export interface Keyboard {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}

/**
 * Asks for one line that is not shown while it is typed. Rejects when the person gives up (Ctrl-C,
 * Ctrl-D), so that nothing goes on with half an answer.
 */
export async function askHidden({ input, output }: Keyboard, prompt: string): Promise<string> {
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input, output: silence, terminal: true, historySize: 0 })
  output.write(prompt)
  try {
    return await new Promise<string>((resolve, reject) => {
      reader.once('line', resolve)
      reader.once('SIGINT', () => reader.close())
      reader.once('close', () => reject(new CommandFailure('Nothing was entered.')))
    })
  } finally {
    reader.close()
    output.write('\n')
  }
}
