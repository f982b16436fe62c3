import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { OutgoingMail } from '../../src/ports/index.ts'
import type { CommandMessage, NodeCommands, NodeMessage, NodeSettings } from './protocol.ts'

const program = fileURLToPath(new URL('node-process.ts', import.meta.url))
const patienceMs = 20_000

export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body; undefined for an empty one. */
  readonly json: ReturnType<typeof JSON.parse>
}

/** A running node: an operating-system process that serves HTTP. */
export interface TestNode {
  /** `http://127.0.0.1:PORT`. */
  readonly base: string
  tell<C extends keyof NodeCommands>(
    command: C,
    ...args: Parameters<NodeCommands[C]>
  ): Promise<Awaited<ReturnType<NodeCommands[C]>>>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<HttpAnswer>
  get(path: string, headers?: Record<string, string>): Promise<HttpAnswer>
  /** Ends the process at once, as a crash would. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** Several nodes on one database, with one mailbox. */
export interface TestCluster {
  readonly nodes: readonly [TestNode, ...TestNode[]]
  /** The node whose turn it is, so that calls spread over all. */
  node(turn: number): TestNode
  /** Every mail that any node has sent. */
  readonly mails: readonly OutgoingMail[]
  /** The tokens of all links mailed to an address so far, once there are `count`. */
  tokens(to: string, count?: number): Promise<readonly string[]>
  /** One account that has registered and confirmed its address, through HTTP. */
  signUp(email: string, password: string): Promise<void>
  close(): Promise<void>
}

/** Starts `count` processes on the database at `url`; close them before it is dropped. */
export async function startNodes(
  url: string,
  count = 2,
  settings: Omit<NodeSettings, 'url' | 'masterKey'> & { readonly masterKey?: string } = {},
): Promise<TestCluster> {
  const masterKey = settings.masterKey ?? randomBytes(32).toString('base64url')
  const mails: OutgoingMail[] = []
  const start = () => startNode({ ...settings, url, masterKey }, (mail) => mails.push(mail))
  const [first, ...others] = await Promise.all(Array.from({ length: count }, start))
  if (!first) throw new Error('a cluster has at least one node')
  return cluster([first, ...others], mails)
}

function cluster(nodes: TestCluster['nodes'], mails: OutgoingMail[]): TestCluster {
  const node = (turn: number) => nodes[turn % nodes.length] ?? nodes[0]
  const tokensTo = (to: string) =>
    mails
      .filter((mail) => mail.to === to)
      .flatMap(({ text }) => /[?&]token=([\w-]+)/.exec(text)?.[1] ?? [])
  const tokens = async (to: string, count = 1) => {
    await until(`${count} links mailed to ${to}`, async () => {
      if (tokensTo(to).length >= count) return true
      await nodes[0].tell('deliverMail')
      return tokensTo(to).length >= count
    })
    return tokensTo(to)
  }
  const signUp = async (email: string, password: string) => {
    await nodes[0].post('/auth/register', { email, password })
    const token = (await tokens(email)).at(-1)
    const { status } = await nodes[0].post('/auth/verify-email', { token })
    if (status !== 200) throw new Error(`${email} could not be verified: ${status}`)
  }
  const close = async () => void (await Promise.all(nodes.map((each) => each.close())))
  return { nodes, node, mails, tokens, signUp, close }
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function startNode(
  settings: NodeSettings,
  onMail: (mail: OutgoingMail) => void,
): Promise<TestNode> {
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  const ready = Promise.withResolvers<number>()
  child.on('message', (message: NodeMessage) => {
    if (message.kind === 'mail') onMail(message.mail)
    else if (message.kind === 'ready') ready.resolve(message.port)
    else if (message.kind === 'failed') ready.reject(new Error(message.error))
    else settle(waiting, message)
  })
  child.once('exit', () => {
    const gone = new Error('the node process has ended')
    ready.reject(gone)
    for (const { reject } of waiting.values()) reject(gone)
  })
  child.send(settings)
  return nodeAt(`http://127.0.0.1:${await ready.promise}`, child, waiting)
}

function settle(
  waiting: Map<number, PromiseWithResolvers<unknown>>,
  message: Extract<NodeMessage, { id: number }>,
): void {
  const call = waiting.get(message.id)
  waiting.delete(message.id)
  if (message.kind === 'result') call?.resolve(message.value)
  else call?.reject(Object.assign(new Error(message.code), { code: message.code }))
}

function nodeAt(
  base: string,
  child: ChildProcess,
  waiting: Map<number, PromiseWithResolvers<unknown>>,
): TestNode {
  let lastId = 0
  const tell = (command: keyof NodeCommands, ...args: readonly unknown[]) => {
    const call = Promise.withResolvers<unknown>()
    lastId += 1
    waiting.set(lastId, call)
    child.send({ id: lastId, command, args } satisfies CommandMessage)
    return call.promise
  }
  const gone = async () => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  return {
    base,
    tell: tell as TestNode['tell'],
    post: (path, body, headers = {}) =>
      send(base + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    get: (path, headers = {}) => send(base + path, { headers }),
    kill: async () => {
      child.kill('SIGKILL')
      await gone()
    },
    close: async () => {
      if (child.connected) await tell('close')
      await gone()
    },
  }
}

/** Sends a request and reads the whole answer. */
export async function send(url: string, init: RequestInit): Promise<HttpAnswer> {
  const response = await fetch(url, init)
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  }
}
