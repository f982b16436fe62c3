import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  /** Lower-case names; several of one name are joined by a line break. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A connection that sends exactly what it is told and reads answers one after the other. */
export class RawClient {
  readonly socket: Socket
  #received = ''
  #ended = false
  #wake = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#received += text
      this.#wake()
    })
    const end = () => {
      this.#ended = true
      this.#wake()
    }
    socket.on('close', end).on('end', end).on('error', end)
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1' })
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  send(text: string | Uint8Array): void {
    this.socket.write(text)
  }

  /** The next answer; undefined when the connection ended first. @param bodyless for HEAD. */
  async answer(bodyless = false): Promise<RawAnswer | undefined> {
    for (;;) {
      const read = parse(this.#received, bodyless)
      if (read) {
        this.#received = this.#received.slice(read.length)
        return read.answer
      }
      if (this.#ended) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Whether the other side has ended the connection. */
  get ended(): boolean {
    return this.#ended
  }

  async closed(): Promise<void> {
    while (!this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  close(): void {
    this.socket.destroy()
  }
}

/** Sends one request on a connection of its own and reads its answer. */
export async function sendRaw(port: number, text: string): Promise<RawAnswer | undefined> {
  const client = await RawClient.open(port)
  try {
    client.send(text)
    return await client.answer(text.startsWith('HEAD '))
  } finally {
    client.close()
  }
}

function parse(text: string, bodyless: boolean) {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const status = Number(first.split(' ')[1])
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers[name] = headers[name] === undefined ? value : `${headers[name]}\n${value}`
  }
  const start = end + 4
  const none = bodyless || status < 200 || status === 204 || status === 304
  if (none) return { answer: { status, headers, body: '' }, length: start }
  if (headers['transfer-encoding'] === 'chunked') return chunked(text, start, { status, headers })
  const length = Number(headers['content-length'] ?? 0)
  if (text.length < start + length) return undefined
  const body = text.slice(start, start + length)
  return { answer: { status, headers, body }, length: start + length }
}

function chunked(text: string, start: number, head: Omit<RawAnswer, 'body'>) {
  let body = ''
  let at = start
  for (;;) {
    const line = text.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(text.slice(at, line), 16)
    const next = line + 2 + size + 2
    if (text.length < next) return undefined
    body += text.slice(line + 2, line + 2 + size)
    at = next
    if (size === 0) return { answer: { ...head, body }, length: at }
  }
}
