import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type SiteverifyName = 'turnstile' | 'hcaptcha' | 'recaptcha'

/** What was asked, as the server read it. */
export interface AskedSiteverify {
  readonly method: string | undefined
  readonly type: string | undefined
  readonly fields: Readonly<Record<string, string>>
}

/** How the server answers one question. */
export type SiteverifyReply = (response: ServerResponse) => void

const at = '2026-01-01T00:00:00.000Z'

/** What each provider documents for a solution that passed, made on `shop.example`. */
export const passes: Readonly<Record<SiteverifyName, object>> = {
  turnstile: {
    success: true,
    'error-codes': [],
    challenge_ts: at,
    hostname: 'shop.example',
    action: 'login',
    cdata: 'sessionid-123456789',
  },
  hcaptcha: { success: true, challenge_ts: at, hostname: 'not-provided', credit: false },
  recaptcha: { success: true, challenge_ts: at, hostname: 'shop.example' },
}

/** Error codes by their documentation, but for those that mean an outage. */
export const refusals: Readonly<Record<SiteverifyName, readonly string[]>> = {
  turnstile: [
    ...['missing-input-secret', 'invalid-input-secret', 'missing-input-response'],
    ...['invalid-input-response', 'bad-request', 'timeout-or-duplicate'],
  ],
  hcaptcha: [
    ...['missing-input-secret', 'invalid-input-secret', 'missing-input-response'],
    ...['invalid-input-response', 'expired-input-response', 'already-seen-response'],
    ...['bad-request', 'missing-remoteip', 'invalid-remoteip', 'not-using-dummy-passcode'],
    'sitekey-secret-mismatch',
  ],
  recaptcha: [
    ...['missing-input-secret', 'invalid-input-secret', 'missing-input-response'],
    ...['invalid-input-response', 'bad-request', 'timeout-or-duplicate'],
  ],
}

export function json(body: unknown, status = 200): SiteverifyReply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}

export function raw(text: string, status = 200): SiteverifyReply {
  return (response) => void response.writeHead(status).end(text)
}

/** Promises 1,000 bytes and hangs up behind the first few. */
export function breakOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '1000' })
  response.write('{"success":true', () => response.destroy())
}

/** 1 MB of an answer that would pass if it were read to its end. */
export function pour(response: ServerResponse): void {
  response.on('error', () => {})
  response.writeHead(200).end(`${' '.repeat(1_000_000)}{"success":true,"hostname":"shop.example"}`)
}

/** A local server that speaks the protocol of Turnstile, hCaptcha and reCAPTCHA. */
export class FakeSiteverify {
  readonly asked: AskedSiteverify[] = []
  reply: SiteverifyReply = raw('')
  readonly #server: Server
  readonly #waiting: (() => void)[] = []

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  static async start(): Promise<FakeSiteverify> {
    const fake = new FakeSiteverify()
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/siteverify`
  }

  /** Resolves when the next question has been read. */
  nextQuestion(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push(resolve))
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    this.asked.push({
      method: request.method,
      type: request.headers['content-type'],
      fields: Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())),
    })
    for (const go of this.#waiting.splice(0)) go()
    this.reply(response)
  }
}
