import { request as httpRequest, type IncomingMessage } from 'node:http'

/** An answer, read to its end. */
export interface Reply {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

type Fields = Readonly<Record<string, unknown>>

/** One browser: keeps cookies and says where its requests come from, as browsers do. */
export class Browser {
  readonly #origin: string
  readonly #cookies = new Map<string, string>()

  constructor(origin: string) {
    this.#origin = origin
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.#send('GET', path, { headers })
  }

  json(path: string, body: Fields): Promise<Reply> {
    const headers = { 'content-type': 'application/json' }
    return this.#send('POST', path, { headers, body: JSON.stringify(body) })
  }

  form(path: string, fields: Record<string, string>, site = 'same-origin'): Promise<Reply> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': site }
    return this.#send('POST', path, { headers, body: new URLSearchParams(fields).toString() })
  }

  async signIn(email: string, password: string): Promise<Reply> {
    return this.json('/auth/login', { email, password, transport: 'session' })
  }

  #send(
    method: string,
    path: string,
    { headers, body }: { readonly headers: Record<string, string>; readonly body?: string },
  ): Promise<Reply> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const { hostname, port } = new URL(this.#origin)
    const sent = {
      'sec-fetch-site': 'same-origin',
      ...headers,
      ...(cookie ? { cookie } : {}),
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    }
    return new Promise((resolve, reject) => {
      const call = httpRequest({ host: hostname, port, method, path, headers: sent }, (answer) => {
        this.#keep(answer)
        read(answer).then(resolve, reject)
      })
      call.on('error', reject).end(body)
    })
  }

  #keep(answer: IncomingMessage): void {
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      const value = pair.slice(at + 1)
      if (value === '') this.#cookies.delete(pair.slice(0, at))
      else this.#cookies.set(pair.slice(0, at), value)
    }
  }
}

async function read(answer: IncomingMessage): Promise<Reply> {
  const pieces: Buffer[] = []
  for await (const piece of answer as AsyncIterable<Buffer>) pieces.push(piece)
  const text = Buffer.concat(pieces).toString('utf8')
  return { status: answer.statusCode ?? 0, headers: answer.headers, text }
}
