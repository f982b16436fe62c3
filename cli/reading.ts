import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CommandFailure, type CommandInput } from './command.ts'

/** The text of a file that was named on the command line. Throws CommandFailure that says why it has none. */
export function readText({ terminal }: CommandInput, file: string): string {
  const path = resolve(terminal.cwd, file)
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw notRead(path, '', error)
  }
}

/** What such a file holds as JSON; whether that is what was meant is for others to say. */
export function readJson(input: CommandInput, file: string): unknown {
  const text = readText(input, file)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw notRead(resolve(input.terminal.cwd, file), ' as JSON', error)
  }
}

/** Every page of a list; `read` gets what the page before says is next, and at first nothing. */
export async function everyPage<P extends { readonly next: string | null }>(
  read: (after: string) => Promise<P>,
): Promise<readonly P[]> {
  const pages: P[] = []
  for (let after: string | null = ''; after !== null; ) {
    const page: P = await read(after)
    pages.push(page)
    after = page.next
  }
  return pages
}

function notRead(path: string, as: string, error: unknown): CommandFailure {
  const why = error instanceof Error ? error.message : String(error)
  return new CommandFailure(`${path} could not be read${as}: ${why}`)
}
