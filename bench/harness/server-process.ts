import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Usage } from '../servers/control.ts'
import { hasProgram } from './machine.ts'
import { builtFolder } from './paths.ts'

export interface ServerOptions {
  /** File in `bench/servers`, without its ending. */
  readonly script: string
  readonly options?: unknown
  /** Core to run on alone; without it, or without taskset, wherever the system likes. */
  readonly core?: number
  readonly nodeFlags?: readonly string[]
}

const canPin = hasProgram('taskset')

/** A program and its arguments, kept to one core where the machine can do so. */
export function pinned(core: number | undefined, command: readonly string[]): readonly string[] {
  return core === undefined || !canPin ? command : ['taskset', '-c', String(core), ...command]
}

/** A server in a process of its own, with a channel to ask what it used. */
export class ServerProcess {
  readonly port: number
  readonly details: unknown
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (usage: Usage) => void>()
  #questions = 0

  private constructor(child: ChildProcess, ready: { port: number; details: unknown }) {
    this.#child = child
    this.port = ready.port
    this.details = ready.details
    child.on('message', (message: { id?: number; value: Usage }) => {
      if (message.id !== undefined) this.#waiting.get(message.id)?.(message.value)
    })
  }

  static async start(options: ServerOptions): Promise<ServerProcess> {
    const script = join(builtFolder, 'servers', `${options.script}.js`)
    const flags = options.nodeFlags ?? []
    const parts = [process.execPath, ...flags, script, JSON.stringify(options.options ?? {})]
    const [program = '', ...rest] = pinned(options.core, parts)
    const child = spawn(program, rest, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    const early = once(child, 'exit').then(([code]) => {
      throw new Error(`server ${options.script} ended with ${code} before it listened`)
    })
    const ready = once(child, 'message').then(([message]) => message)
    return new ServerProcess(child, (await Promise.race([ready, early])) as never)
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  usage(): Promise<Usage> {
    return this.#ask('usage')
  }

  /** Usage after a garbage collection; needs the flag `--expose-gc`. */
  collect(): Promise<Usage> {
    return this.#ask('collect')
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    await this.#ask('stop')
    await ended
  }

  #ask(ask: 'usage' | 'collect' | 'stop'): Promise<Usage> {
    this.#questions += 1
    const id = this.#questions
    return new Promise((resolve) => {
      this.#waiting.set(id, (usage) => {
        this.#waiting.delete(id)
        resolve(usage)
      })
      this.#child.send({ id, ask })
    })
  }
}
