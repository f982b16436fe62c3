import { spawn } from 'node:child_process'
import { delimiter, dirname } from 'node:path'

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** The program that `node` means; by default the one that runs this test. */
  readonly node?: string
}

/** Runs a program to its end, as in a new terminal: nothing of this test run's npm is handed down. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Finished> {
  const child = start(program, args, options)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { code, stdout, stderr }
}

/** Nothing that a test starts outlives it by much, whatever it hangs on. */
const longestMs = 100_000

/** Starts a program that stays; whoever starts it ends it. */
export function start(program: string, args: readonly string[], options: RunOptions) {
  return spawn(program, [...args], {
    cwd: options.cwd,
    env: { ...freshEnvironment(options.node ?? process.execPath), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    timeout: longestMs,
    killSignal: 'SIGKILL',
  })
}

/** What npm and vitest set for what they start (`BASE_URL=/` is vitest's). How npm reaches its registry is the machine's. */
const handedDown =
  /^(npm_(lifecycle|package|execpath|node_execpath|command|config_local_prefix)|INIT_CWD|BASE_URL$|NODE_(ENV|OPTIONS|PATH|V8)|VITEST|HOLDFAST_)/i

function freshEnvironment(node: string): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (value === undefined || handedDown.test(name)) continue
    env[name] = value
  }
  return { ...env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` }
}
