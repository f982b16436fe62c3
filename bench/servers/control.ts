import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server under measurement. */
export interface Running {
  /** The server, or what makes it listen: `app.listen`, as the guides of Express say. */
  readonly server: { listen(port: number, host: string, done: () => void): Server }
  /** What the load needs to know, such as credentials; plain JSON. */
  readonly details?: unknown
  readonly close?: () => Promise<void>
}

export interface Usage {
  /** User and system time of the whole process so far, in microseconds. */
  readonly cpuUs: number
  readonly rss: number
  readonly heapUsed: number
}

interface Question {
  readonly id: number
  readonly ask: 'usage' | 'collect' | 'stop'
}

/**
 * Runs a server as a process of its own and answers the questions of its parent: what has it used,
 * collect garbage, stop. The options come as JSON in the first argument.
 */
export async function serve<O>(start: (options: O) => Promise<Running>): Promise<void> {
  const running = await start(JSON.parse(process.argv[2] ?? '{}') as O)
  const server: Server = running.server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    process.send?.({ port, details: running.details ?? null })
  })
  process.on('message', (question: Question) => {
    void answer(question, server, running).then((value) =>
      process.send?.({ id: question.id, value }),
    )
  })
  process.on('disconnect', () => process.exit())
}

async function answer({ ask }: Question, server: Server, { close }: Running): Promise<Usage> {
  if (ask === 'collect') globalThis.gc?.()
  if (ask === 'stop') {
    server.closeAllConnections()
    server.close()
    await close?.()
    setImmediate(() => process.disconnect())
  }
  return usage()
}

function usage(): Usage {
  const { system, user } = process.cpuUsage()
  const { heapUsed, rss } = process.memoryUsage()
  return { cpuUs: user + system, rss, heapUsed }
}
