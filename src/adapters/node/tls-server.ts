import { constants, type X509Certificate } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { TlsOptions } from 'node:tls'
import { type Clock, type Logger, systemClock } from '../../ports/index.ts'
import { type CertificateFiles, type CertificatePair, readCertificate } from './certificate.ts'

/** Where the certificate lies, and whom to tell of its renewals. */
export interface TlsServerOptions extends CertificateFiles {
  /** Told of certificates that were taken and of those that cannot be. */
  readonly logger: Logger
  /** The host that people type; a new certificate that does not name it is refused. */
  readonly name?: string
  readonly clock?: Clock
  /** How often the files are looked at, milliseconds. Default a minute. */
  readonly pollMs?: number
  /** Options of Node for the server, such as `headersTimeout`. */
  readonly server?: ServerOptions
}

/** A server over TLS whose certificate renews itself. */
export interface TlsServer {
  readonly server: Server
  /** The certificate that new connections get. */
  readonly current: CertificatePair
  /** Looks at the files now, for SIGHUP. Never rejects; resolves with whether a new pair was taken. */
  reload(): Promise<boolean>
  /** Ends the looking. The server is its owner's to close. */
  stop(): void
}

/** Mozilla's intermediate list without finite-field Diffie-Hellman: forward secrecy and AEAD alone. */
const ciphers = [
  ...['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'],
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
].join(':')

const handshakeMs = 10_000

/** TLS 1.2 and 1.3, no renegotiation, no compression (RFC 9325), `http/1.1` by ALPN. */
const settings: TlsOptions = {
  ...{ ciphers, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', honorCipherOrder: true },
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
}

/**
 * A server over TLS from certificate files. Renewed files are taken for new connections without a
 * restart: they are looked at once a minute and by `reload`. A pair that is half written, mismatched,
 * expired or without `name` is refused and logged, and the old one stays. Rejects with
 * `certificate_invalid` when the first pair cannot be used.
 */
export async function createTlsServer(
  handler: RequestListener,
  options: TlsServerOptions,
): Promise<TlsServer> {
  const first = await readCertificate(options)
  const { cert, key } = first
  const tls = { ALPNProtocols: ['http/1.1'], handshakeTimeout: handshakeMs, ...options.server }
  const server = createServer({ ...tls, ...settings, cert, key }, handler)
  const renewal = new Renewal(first, server, options)
  server.once('close', () => renewal.stop())
  return {
    server,
    get current() {
      return renewal.current
    },
    reload: () => renewal.look(),
    stop: () => renewal.stop(),
  }
}

class Renewal {
  readonly #server: Server
  readonly #options: TlsServerOptions
  readonly #clock: Clock
  #current: CertificatePair
  /** What was refused last, so that the log says it once. */
  #refused = ''
  #timer: { cancel(): void } | undefined
  #stopped = false

  constructor(first: CertificatePair, server: Server, options: TlsServerOptions) {
    this.#current = first
    this.#server = server
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#warnOfEnd()
    this.#wait()
  }

  get current(): CertificatePair {
    return this.#current
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  async look(): Promise<boolean> {
    try {
      return this.#take(await readCertificate(this.#options))
    } catch (error) {
      return this.#refuse(String((error as Error).message))
    }
  }

  #take(pair: CertificatePair): boolean {
    if (pair.fingerprint === this.#current.fingerprint) return false
    const flaw = this.#flawOf(pair)
    if (flaw !== undefined) return this.#refuse(flaw)
    const { cert, key } = pair
    // Whatever is left out falls back to Node's own: without `ca`, any public authority would do.
    this.#server.setSecureContext({ ...this.#options.server, ...settings, cert, key })
    this.#current = pair
    this.#refused = ''
    const until = new Date(pair.endsAt).toISOString()
    this.#options.logger.info('a renewed certificate was taken', { until })
    return true
  }

  #flawOf({ certificate, endsAt }: CertificatePair): string | undefined {
    if (!(endsAt > this.#clock.now())) return 'the new certificate has ended'
    if (Date.parse(certificate.validFrom) > this.#clock.now())
      return 'the new certificate is not valid yet'
    const { name } = this.#options
    const named = (pair: X509Certificate) => name === undefined || pair.checkHost(name)
    const lost = named(this.#current.certificate) && !named(certificate)
    return lost ? `the new certificate does not name ${name}` : undefined
  }

  #refuse(reason: string): false {
    if (reason !== this.#refused) {
      this.#options.logger.error('the renewed certificate was refused; the old one stays', {
        reason,
      })
    }
    this.#refused = reason
    return false
  }

  #wait(): void {
    if (this.#stopped) return
    this.#timer = this.#clock.after(this.#options.pollMs ?? 60_000, () => {
      void this.look().then(() => this.#wait())
    })
  }

  #warnOfEnd(): void {
    const { endsAt } = this.#current
    if (endsAt > this.#clock.now()) return
    const until = new Date(endsAt).toISOString()
    this.#options.logger.error('the certificate has ended; browsers refuse it', { until })
  }
}
