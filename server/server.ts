import { listener } from '../src/adapters/node/index.ts'
import type { SecurityOptions, ServerSettings } from '../src/config/index.ts'
import { createSecurity, type Security } from '../src/security.ts'
import { ListenError, listen } from './listen.ts'

export interface ServerOptions {
  readonly options: SecurityOptions
  readonly server: ServerSettings
  /** Takes what the operator should know, a line at a time. */
  readonly tell: (line: string) => void
  /** How long running requests may take once the server stops, milliseconds. Default 10 seconds. */
  readonly drainMs?: number
}

/** A stand-alone server that answers requests. */
export interface RunningServer {
  /** Where people reach it: `baseUrl`. */
  readonly url: string
  readonly port: number
  /** Stops taking requests, lets running ones finish, closes the database. Safe to repeat. */
  stop(): Promise<void>
}

/**
 * Starts Holdfast's API as a server of its own. Configuration, database and migrations come first:
 * nothing listens until requests can be answered. Rejects with the error that names the fix.
 */
export async function startServer(start: ServerOptions): Promise<RunningServer> {
  if (start.server.port === 0) {
    throw new ListenError('PORT 0 is no port that BASE_URL could name. Set PORT to 1 or more.')
  }
  const security = createSecurity(start.options)
  for (const line of noticesOf(security)) start.tell(line)
  try {
    await security.ready({ told: true })
    return await serve(security, start)
  } catch (error) {
    await security.close()
    throw error
  }
}

async function serve(security: Security, start: ServerOptions): Promise<RunningServer> {
  const { host, port } = start.server
  const listening = await listen(listener(security), {
    port,
    drainMs: start.drainMs ?? 10_000,
    clock: security.config.clock,
    ...(host === undefined ? {} : { host }),
  })
  let ended: Promise<void> | undefined
  const stop = () => {
    ended ??= listening.stop().then(() => security.close())
    return ended
  }
  return { url: security.config.baseUrl, port: listening.port, stop }
}

/** What is weaker than its default, and what will not work the way it is set up. */
function noticesOf({ config, relaxations }: Security): string[] {
  const { baseUrl, mail, mode, trustedProxies } = config
  const notices = relaxations.map(({ option, meaning }) => `${option}: ${meaning}`)
  if (baseUrl.startsWith('https:') && trustedProxies.length === 0) {
    notices.push(
      'TRUSTED_PROXIES is empty: behind a proxy that ends TLS, all clients look like one. Name it.',
    )
  }
  if (mode === 'production' && !mail.smtpUrl && !mail.mailer) {
    notices.push('SMTP_URL is not set: no mail leaves, so nobody can verify an address.')
  }
  return notices
}
