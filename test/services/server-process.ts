import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const nobody = 65534

export interface ServerCommand {
  readonly name: string
  /** An existing folder of its own; the log and temporary files go there. */
  readonly directory: string
  readonly program: string
  readonly args: readonly string[]
  /** The signal that makes it stop at once and cleanly. */
  readonly signal: 'SIGINT' | 'SIGTERM'
  /** Resolves once the server answers; it is asked again until it does. */
  readonly probe: () => Promise<void>
}

export interface RunningServer {
  stop(): Promise<void>
}

/** Makes a folder that a server started by `wrap` may write to. */
export function makeServerDirectory(parent: string, name: string): string {
  const directory = join(parent, name)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (identity() === 'nobody') {
    chmodSync(parent, 0o711)
    chownSync(directory, nobody, nobody)
  }
  return directory
}

/** Runs a program that prepares a data folder, as the same user that the server will be. */
export async function prepare(directory: string, program: string, args: readonly string[]) {
  const [command, ...rest] = wrap('SIGTERM', program, args)
  await run(command, rest, { cwd: directory, env: { ...process.env, TMPDIR: directory } })
}

/** Starts a server and waits until it answers, at most a minute. Its log is in the error if not. */
export async function startServer(options: ServerCommand): Promise<RunningServer> {
  const [command, ...rest] = wrap(options.signal, options.program, options.args)
  const log = openSync(join(options.directory, 'log'), 'w')
  const child = spawn(command, rest, {
    cwd: options.directory,
    env: { ...process.env, TMPDIR: options.directory },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const end = followEnd(child)
  const stop = () => stopServer(child, options.signal, end.promise)
  try {
    await untilReady(options.probe, end)
  } catch (error) {
    await stop()
    const text = readFileSync(join(options.directory, 'log'), 'utf8').slice(-2_000)
    throw new Error(`${options.name} did not start.\n${text}`, { cause: error })
  }
  return { stop }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/** Tries again with another port when somebody took the port between choosing and using it. */
export async function withFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort())
    } catch (error) {
      if (attempt === 3 || !/in use|errno: 98\b/i.test(String(error))) throw error
    }
  }
}

interface End {
  readonly promise: Promise<void>
  readonly state: { ended: boolean }
}

function followEnd(child: ChildProcess): End {
  const state = { ended: false }
  const promise = new Promise<void>((resolve) => {
    const finish = () => {
      state.ended = true
      resolve()
    }
    child.once('exit', finish)
    child.once('error', finish)
  })
  return { promise, state }
}

async function untilReady(probe: () => Promise<void>, end: End): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    if (end.state.ended) throw new Error('the process ended')
    try {
      return await probe()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}

async function stopServer(
  child: ChildProcess,
  signal: NodeJS.Signals,
  ended: Promise<void>,
): Promise<void> {
  child.kill(signal)
  const killer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(killer)
}

type Identity = 'self' | 'unshare' | 'nobody'

/**
 * PostgreSQL and MariaDB refuse to run as root. In a user namespace they see uid 1000 while the kernel
 * still lets them read what root may read; where namespaces are forbidden, `nobody` has to do.
 */
function identity(): Identity {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'self'
  const namespace = ['--user', '--map-user=1000', '--map-group=1000', 'true']
  return spawnSync('unshare', namespace).status === 0 ? 'unshare' : 'nobody'
}

/** The command that runs `program` without root's name, and ends it when this process dies. */
function wrap(
  signal: NodeJS.Signals,
  program: string,
  args: readonly string[],
): [string, ...string[]] {
  if (process.platform !== 'linux') return [program, ...args]
  const dying = `--pdeathsig=${signal.replace('SIG', '')}`
  const plain = ['setpriv', dying, '--', program, ...args] as const
  const who = identity()
  if (who === 'self') return [...plain]
  if (who === 'unshare') {
    return ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--', ...plain]
  }
  const user = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']
  return ['setpriv', ...user, dying, '--', program, ...args]
}
