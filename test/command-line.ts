import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { commands } from '../cli/commands.ts'
import { run } from '../cli/run.ts'
import { generateSecrets } from '../src/config/index.ts'
import { fakeTerminal } from './fake-terminal.ts'

/** A password that the policy takes. */
export const password = 'plum-Tractor-92-velvet'

/** Makes the first administrator, root@example.com. */
export const makeRoot = 'users create --email root@example.com --password - --role super_admin'

/** What a test sees of a command. */
export interface Typed {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A terminal in a folder of its own for each test, with secrets and a SQLite file that is not there yet. */
export interface CommandLine {
  readonly cwd: string
  /** The environment of what is typed next. */
  env: Readonly<Record<string, string>>
  type(line: string, stdin?: string): Promise<Typed>
  /** What a command prints with `--json`. */
  json(line: string): Promise<ReturnType<typeof JSON.parse>>
}

/** Makes the folder before each test, and removes it after. */
export function openCommandLine(): CommandLine {
  let cwd = ''
  let env: CommandLine['env'] = {}

  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-'))
    env = {
      MASTER_ENCRYPTION_KEY: generateSecrets().masterKey,
      BASE_URL: 'https://app.example.com',
      DATABASE_URL: `sqlite:${join(cwd, 'test.db')}`,
    }
  })
  afterEach(() => rmSync(cwd, { recursive: true, force: true }))

  const type: CommandLine['type'] = async (line, stdin = `${password}\n`) => {
    const terminal = fakeTerminal({ cwd, env, stdin })
    const code = await run(line.split(' '), terminal, commands)
    return { code, out: terminal.outputs.join('\n'), err: terminal.errors.join('\n') }
  }
  return {
    get cwd() {
      return cwd
    },
    get env() {
      return env
    },
    set env(next) {
      env = next
    },
    type,
    json: async (line) => JSON.parse((await type(`${line} --json`)).out),
  }
}
