import { spawn } from 'node:child_process'

export interface ToolRun {
  readonly code: number | null
  /** Standard output and error as they came. */
  readonly output: string
  /** It was ended because its time was over. */
  readonly timedOut: boolean
}

/** Runs a program to its end, or until `seconds` are over: then it is killed with all it started. */
export async function runTool(
  program: string,
  words: readonly string[],
  seconds: number,
): Promise<ToolRun> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const parts: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => parts.push(part))
  child.stderr.on('data', (part: Buffer) => parts.push(part))
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, seconds * 1_000)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  }).finally(() => clearTimeout(timer))
  return { code, output: Buffer.concat(parts).toString(), timedOut }
}
