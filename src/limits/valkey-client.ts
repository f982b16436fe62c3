import { limitErrors } from './errors.ts'

/** What is used of a client of `ioredis`, so that its types are not needed to compile against Holdfast. */
export interface ValkeyClient {
  readonly status: string
  connect(): Promise<void>
  evalsha(sha: string, keys: number, ...parameters: (string | number)[]): Promise<unknown>
  eval(lua: string, keys: number, ...parameters: (string | number)[]): Promise<unknown>
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>
  del(key: string): Promise<number>
  info(section: string): Promise<string>
  quit(): Promise<unknown>
  disconnect(reconnect?: boolean): void
  on(event: 'close' | 'error', listener: (error?: Error) => void): unknown
}

/** A client that has connected to nothing yet, and its server's host and port for the log. */
export interface ValkeyDriver {
  readonly client: ValkeyClient
  readonly name: string
}

const connectMs = 1_000
const mostBetweenConnectsMs = 2_000

/**
 * Loads `ioredis` and makes a client for the server at `url` (`redis://`, `rediss://` or `valkey://`, `user:password@host:port/db`),
 * not connected yet. Rejects with `valkey_driver_missing` when `ioredis` is not installed.
 *
 * Commands are never kept for later and never sent again: a refund that ran although its answer was
 * lost would otherwise run twice, and give back more than was taken.
 */
export async function valkeyDriver(url: string): Promise<ValkeyDriver> {
  const { Redis } = await import('ioredis').catch((cause: unknown) => {
    throw limitErrors.valkey_driver_missing({ cause })
  })
  const address = addressOf(new URL(url))
  const client = new Redis({
    ...address,
    lazyConnect: true,
    protocol: 2,
    connectTimeout: connectMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    retryStrategy: (times) => Math.min(100 * times, mostBetweenConnectsMs),
    connectionName: 'holdfast',
  })
  return { client, name: `${address.host}:${address.port}` }
}

/** Read here and not by `ioredis`, which would take options of its own from the query. */
function addressOf(url: URL) {
  const { hostname, password, pathname, port, protocol, username } = url
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 6379),
    db: Number(pathname.slice(1) || 0),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  }
}
