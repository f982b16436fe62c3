import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { OutgoingMail } from '../../src/ports/index.ts'
import { type HttpAnswer, send } from '../nodes/nodes.ts'
import type { CommandMessage, NodeCommands, NodeMessage, NodeSettings } from '../nodes/protocol.ts'

const program = fileURLToPath(new URL('../nodes/node-process.ts', import.meta.url))

/**
 * A node that will be killed. Its process loads its modules before it is needed, so that a run of
 * many kills does not spend its time on starting.
 */
export class Victim {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #ready = Promise.withResolvers<number>()
  readonly #onMail: (mail: OutgoingMail) => void
  #lastId = 0
  #base = ''

  constructor(onMail: (mail: OutgoingMail) => void) {
    this.#onMail = onMail
    this.#child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] })
    this.#child.on('message', (message: NodeMessage) => this.#hear(message))
    this.#child.on('error', () => {})
    this.#child.once('exit', () => this.#end())
    this.#ready.promise.catch(() => {})
  }

  async begin(settings: NodeSettings): Promise<void> {
    this.#child.send(settings)
    this.#base = `http://127.0.0.1:${await this.#ready.promise}`
  }

  request(method: string, path: string, given: { body?: unknown; token?: string } = {}) {
    const { body, token } = given
    return send(this.#base + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }) satisfies Promise<HttpAnswer>
  }

  /** Rejects when the process ends before it has obeyed. */
  tell(command: keyof NodeCommands, ...args: readonly unknown[]): Promise<unknown> {
    const call = Promise.withResolvers<unknown>()
    this.#lastId += 1
    this.#waiting.set(this.#lastId, call)
    this.#child.send({ id: this.#lastId, command, args } satisfies CommandMessage, () => {})
    return call.promise
  }

  /** Stops every thread of the process where it stands, so that others can look at what it holds. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  /** Ends it without a word, frozen or not. */
  async kill(): Promise<void> {
    const gone = this.#child.exitCode !== null || this.#child.signalCode !== null
    this.#child.kill('SIGKILL')
    if (!gone) await once(this.#child, 'exit')
  }

  #hear(message: NodeMessage): void {
    if (message.kind === 'mail') this.#onMail(message.mail)
    else if (message.kind === 'ready') this.#ready.resolve(message.port)
    else if (message.kind === 'failed') this.#ready.reject(new Error(message.error))
    else this.#settle(message)
  }

  #settle(message: Extract<NodeMessage, { id: number }>): void {
    const call = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.kind === 'result') call?.resolve(message.value)
    else call?.reject(new Error(message.code))
  }

  #end(): void {
    const gone = new Error('the node process has ended')
    this.#ready.reject(gone)
    for (const { reject } of this.#waiting.values()) reject(gone)
  }
}
