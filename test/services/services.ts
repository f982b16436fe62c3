import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServiceName } from './binaries.ts'
import { startMariadb } from './mariadb.ts'
import { startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'
import { makeWorkspace } from './workspace.ts'

/** A running server. */
export interface Service {
  readonly url: string
  stop(): Promise<void>
}

/** What a test process needs to ask for servers; plain data, so that it can be handed over. */
export interface ServicesAddress {
  /** `GET <broker>/postgres` starts that server if nobody has, and answers its URL. */
  readonly broker: string
  /** A folder for files of tests; it goes when the run ends, also after a crash. */
  readonly workspace: string
}

export interface Services {
  readonly address: ServicesAddress
  stop(): Promise<void>
}

type Start = (workspace: string) => Promise<Service>

const starters: Readonly<Record<ServiceName, Start>> = {
  postgres: startPostgres,
  mariadb: startMariadb,
  redis: startRedis,
}

/**
 * Offers the servers of the tests to other processes. Each starts when it is first asked for, so a
 * run of unit tests starts none, and they stop together. This must run on the main thread: the servers
 * die with the thread that started them, which is what cleans up after a kill -9.
 */
export async function offerServices(): Promise<Services> {
  const workspace = makeWorkspace()
  const started = new Map<ServiceName, Promise<Service>>()
  const find = (name: ServiceName) => {
    const running = started.get(name) ?? starters[name](workspace)
    started.set(name, running)
    return running
  }
  const broker = await listen(find)
  const stop = async () => {
    await broker.close()
    const outcomes = await Promise.allSettled(started.values())
    const running = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    await Promise.all(running.map((outcome) => outcome.value.stop()))
    rmSync(workspace, { recursive: true, force: true })
  }
  return { address: { broker: broker.url, workspace }, stop }
}

/** Asks the broker for a server; rejects with the server's own log when it cannot start. */
export async function askForService(broker: string, name: ServiceName): Promise<string> {
  const response = await fetch(`${broker}/${name}`)
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}

async function listen(find: (name: ServiceName) => Promise<Service>) {
  const server = createServer(async (request, response) => {
    const name = (request.url ?? '').slice(1)
    try {
      if (!isServiceName(name)) throw new Error(`There is no service "${name}".`)
      response.end((await find(name)).url)
    } catch (error) {
      response.writeHead(500)
      response.end(String(error))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${port}`, close }
}

function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(starters, name)
}
