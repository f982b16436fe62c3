import { dirname, join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { findMariadb } from './binaries.ts'
import { makeServerDirectory, prepare, startServer, withFreePort } from './server-process.ts'
import type { Service } from './services.ts'

/** Starts a throw-away MariaDB under `workspace`; user `root`, no password. */
export async function startMariadb(workspace: string): Promise<Service> {
  const found = findMariadb()
  if (found === undefined) throw new Error('MariaDB is not installed.')
  const directory = makeServerDirectory(workspace, 'mariadb')
  const data = join(directory, 'data')
  await prepare(directory, found.install, [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--skip-name-resolve',
    ...(process.platform === 'linux' ? [] : [`--basedir=${dirname(dirname(found.server))}`]),
  ])
  return withFreePort(async (port) => {
    const url = `mysql://root@127.0.0.1:${port}/`
    const server = await startServer({
      name: 'MariaDB',
      directory,
      program: found.server,
      args: mariadbArguments(directory, data, port),
      signal: 'SIGTERM',
      probe: () => askMariadb(url, 'select 1'),
    })
    return { url, stop: server.stop }
  })
}

function mariadbArguments(directory: string, data: string, port: number): string[] {
  return [
    '--no-defaults',
    `--datadir=${data}`,
    `--socket=${join(directory, 's')}`,
    `--pid-file=${join(directory, 'pid')}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    '--max-connections=400',
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-buffer-pool-size=64M',
    '--innodb-log-file-size=16M',
    '--character-set-server=utf8mb4',
  ]
}

/** Runs one statement on a connection of its own. */
export async function askMariadb(url: string, statement: string): Promise<void> {
  const connection = await createConnection({ uri: url, connectTimeout: 30_000 })
  try {
    await connection.query(statement)
  } finally {
    await connection.end()
  }
}
