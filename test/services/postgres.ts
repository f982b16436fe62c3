import { join } from 'node:path'
import { Client } from 'pg'
import { findPostgres } from './binaries.ts'
import { makeServerDirectory, prepare, startServer, withFreePort } from './server-process.ts'
import type { Service } from './services.ts'

const usual = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200']
const careless = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

/**
 * Starts a throw-away PostgreSQL under `workspace`; superuser `postgres`, no password. It waits for no
 * disk unless it is to be `durable`.
 */
export async function startPostgres(
  workspace: string,
  { durable = false }: { readonly durable?: boolean } = {},
): Promise<Service> {
  const binaries = findPostgres()
  if (binaries === undefined) throw new Error('PostgreSQL is not installed.')
  const directory = makeServerDirectory(workspace, 'postgres')
  const data = join(directory, 'data')
  const settings = [...usual, ...(durable ? [] : careless)].flatMap((one) => ['-c', one])
  const locale = process.platform === 'linux' ? 'C.UTF-8' : 'C'
  const auth = ['-U', 'postgres', '--auth=trust']
  const flavour = ['--encoding=UTF8', `--locale=${locale}`, '--no-sync']
  await prepare(directory, join(binaries, 'initdb'), ['-D', data, ...auth, ...flavour])
  return withFreePort(async (port) => {
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`
    const server = await startServer({
      name: 'PostgreSQL',
      directory,
      program: join(binaries, 'postgres'),
      args: ['-D', data, '-p', String(port), ...settings],
      signal: 'SIGINT',
      probe: () => askPostgres(url, 'select 1'),
    })
    return { url, stop: server.stop }
  })
}

/** Runs one statement on a connection of its own. */
export async function askPostgres(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 30_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(statement)
  } finally {
    await client.end()
  }
}
