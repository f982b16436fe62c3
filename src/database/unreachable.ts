import { SecurityError } from '../errors/index.ts'
import { databaseErrors } from './errors.ts'

const servers: Readonly<Record<string, { readonly name: string; readonly port: string }>> = {
  'postgres:': { name: 'PostgreSQL', port: '5432' },
  'postgresql:': { name: 'PostgreSQL', port: '5432' },
  'mysql:': { name: 'MySQL', port: '3306' },
  'mariadb:': { name: 'MariaDB', port: '3306' },
}

/**
 * An error of opening, explained where it means that no server answered: engine, host and port, never
 * the user or the password. Every other error is given back as it is.
 */
export function unreachable(error: unknown, url: string | undefined): unknown {
  if (!(error instanceof SecurityError) || error.code !== 'database_unavailable') return error
  const { code } = (error.cause ?? {}) as { readonly code?: unknown }
  const reason = typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? ` (${code})` : ''
  const explanation = `${serverOf(url)} cannot be reached${reason}: start it, or correct the option database (DATABASE_URL)`
  return databaseErrors.database_unavailable({ ...error.extras, explanation })
}

function serverOf(text: string | undefined): string {
  const url = text === undefined ? null : URL.parse(text)
  const server = url ? servers[url.protocol] : undefined
  if (!url || !server) return 'the database'
  const host = url.hostname || url.searchParams.get('host') || 'localhost'
  return `${server.name} at ${host}:${url.port || server.port}`
}
