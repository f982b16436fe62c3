import {
  boundedOptions,
  createTlsServer,
  listener,
  type ServerBounds,
  type TlsServer,
} from '../src/adapters/node/index.ts'
import type { SecurityOptions, ServerSettings, ServerTlsSettings } from '../src/config/index.ts'
import { createSecurity, type Security } from '../src/security.ts'
import { ListenError, type Listening, type ListenOptions, listen } from './listen.ts'
import { redirectListener } from './redirect.ts'

const headMs = 15_000

export interface ServerOptions {
  readonly options: SecurityOptions
  readonly server: ServerSettings
  /** Takes what the operator should know, a line at a time. */
  readonly tell: (line: string) => void
  /** How long running requests may take once the server stops, milliseconds. Default 10 seconds. */
  readonly drainMs?: number
  /** What clients may hold of it. Default: that of `boundServer`. */
  readonly bounds?: ServerBounds
}

/** A stand-alone server that answers requests. */
export interface RunningServer {
  /** Where people reach it: `baseUrl`. */
  readonly url: string
  readonly port: number
  /** Looks at the certificate files now; resolves with whether a renewed pair was taken. */
  reload(): Promise<boolean>
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
  for (const line of noticesOf(security, start.server)) start.tell(line)
  try {
    await security.ready({ told: true })
    return await serve(security, start)
  } catch (error) {
    await security.close()
    throw error
  }
}

async function serve(security: Security, start: ServerOptions): Promise<RunningServer> {
  const main = await listenMain(security, start)
  const { redirect } = main
  let ended: Promise<void> | undefined
  const stop = () => {
    ended ??= Promise.all([main.listening.stop(), redirect?.stop()]).then(() => security.close())
    return ended
  }
  const { port } = main.listening
  return { url: security.config.baseUrl, port, reload: main.reload, stop }
}

interface Main {
  readonly listening: Listening
  readonly redirect?: Listening
  readonly reload: () => Promise<boolean>
}

async function listenMain(security: Security, start: ServerOptions): Promise<Main> {
  const { baseUrl, clock } = security.config
  const { tls } = start.server
  const options = listenOptions(security, start)
  if (!tls)
    return { listening: await listen(listener(security), options), reload: async () => false }
  const secured = await openTls(security, start, tls)
  try {
    const listening = await listen(secured.server, options)
    if (tls.redirectPort === undefined) return { listening, reload: secured.reload }
    const plain = { ...options, port: tls.redirectPort, clock }
    const redirect = await listen(redirectListener(baseUrl), plain).catch(async (error) => {
      await listening.stop()
      throw error
    })
    return { listening, redirect, reload: secured.reload }
  } catch (error) {
    secured.stop()
    throw error
  }
}

function listenOptions(security: Security, start: ServerOptions): ListenOptions {
  const { body, clock } = security.config
  const { host, port } = start.server
  return {
    ...{ port, clock, trusted: security.trustedProxies, drainMs: start.drainMs ?? 10_000 },
    // A body may take its whole time after the head has taken its own.
    bounds: { requestMs: headMs + body.timeoutMs, headersMs: headMs, ...start.bounds },
    ...(host === undefined ? {} : { host }),
  }
}

async function openTls(
  security: Security,
  { bounds, tell }: ServerOptions,
  { certPath, keyPath }: ServerTlsSettings,
): Promise<TlsServer> {
  const { baseUrl, clock, logger } = security.config
  if (!baseUrl.startsWith('https:')) {
    throw new ListenError(
      `SSL_CERT_PATH is set, so BASE_URL must begin with https://. Write BASE_URL=${securedAddress(baseUrl)}`,
    )
  }
  const name = new URL(baseUrl).hostname
  const secured = await createTlsServer(listener(security), {
    ...{ certPath, keyPath, clock, logger, name, server: boundedOptions(bounds) },
  })
  const { certificate } = secured.current
  if (certificate.subjectAltName === undefined) {
    tell(
      `SSL_CERT_PATH has no subjectAltName: browsers read no other name and will refuse it. Make one with -addext subjectAltName=DNS:${name}`,
    )
  } else if (!certificate.checkHost(name)) {
    tell(`SSL_CERT_PATH does not name ${name}, the host of BASE_URL: browsers will refuse it.`)
  }
  return secured
}

/** The same place over TLS. */
function securedAddress(baseUrl: string): string {
  return baseUrl.replace(/^http:/, 'https:')
}

/** What is weaker than its default, and what will not work the way it is set up. */
function noticesOf({ config, relaxations }: Security, { tls }: ServerSettings): string[] {
  const { baseUrl, mail, mode, trustedProxies } = config
  const notices = relaxations.map(({ option, meaning }) => `${option}: ${meaning}`)
  if (baseUrl.startsWith('https:') && trustedProxies.length === 0 && !tls) {
    notices.push(
      'TRUSTED_PROXIES is empty and SSL_CERT_PATH is not set: every request counts as plain HTTP and is refused. Name the proxy that ends TLS, or give the server a certificate.',
    )
  }
  if (mode === 'production' && !mail.smtpUrl && !mail.mailer) {
    notices.push('SMTP_URL is not set: no mail leaves, so nobody can verify an address.')
  }
  return notices
}
