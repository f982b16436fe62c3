import { rmSync } from 'node:fs'
import { isAvailable } from '../../test/services/binaries.ts'
import { startPostgres } from '../../test/services/postgres.ts'
import { startRedis } from '../../test/services/redis.ts'
import type { Service } from '../../test/services/services.ts'
import { makeWorkspace } from '../../test/services/workspace.ts'

/** Servers that belong to one bench. */
export interface Stores {
  /** Their addresses, by name. */
  readonly urls: Readonly<Partial<Record<StoreName, string>>>
  stop(): Promise<void>
}

export type StoreName = 'redis' | 'postgres'

/** The servers that can be started on this machine. */
export const storesHere: readonly StoreName[] = (['redis', 'postgres'] as const).filter(isAvailable)

/**
 * Starts them, with nothing in them. PostgreSQL waits for its disk as it does in production; those of the
 * tests do not.
 */
export async function startStores(): Promise<Stores> {
  const workspace = makeWorkspace()
  const running: [StoreName, Service][] = []
  for (const name of storesHere) {
    const start = name === 'redis' ? startRedis : startDurable
    running.push([name, await start(workspace)])
  }
  return {
    urls: Object.fromEntries(running.map(([name, { url }]) => [name, url])),
    async stop() {
      for (const [, service] of running) await service.stop()
      rmSync(workspace, { recursive: true, force: true })
    },
  }
}

function startDurable(workspace: string): Promise<Service> {
  return startPostgres(workspace, { durable: true })
}
