import { type RawAnswer, RawClient } from '../adapters/raw-http.ts'

/** A request to be sent byte by byte. The default is a JSON body posted to the sign-in. */
export interface Sent {
  readonly method?: string
  readonly path?: string
  /** Content type; `''` sends none. */
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Lines as they are, after all other headers. */
  readonly lines?: readonly string[]
  readonly body?: string | Uint8Array
  /** Sends the body in chunks, so that its length is not known beforehand. */
  readonly chunked?: boolean
}

export interface Told extends RawAnswer {
  /** The problem document; undefined for any other answer. */
  readonly problem: ReturnType<typeof JSON.parse>
}

/** Sends bytes as they are to the site at `base`; fails when there is no answer. */
export async function ask(base: string, sent: Sent): Promise<Told> {
  const client = await RawClient.open(Number(new URL(base).port))
  try {
    return await askBy(client, sent)
  } finally {
    client.close()
  }
}

/** The same on a connection that is kept. */
export async function askBy(client: RawClient, sent: Sent): Promise<Told> {
  client.send(bytesOf(sent))
  const answer = await client.answer(sent.method === 'HEAD')
  if (!answer) throw new Error('the connection ended without an answer')
  const body = Buffer.from(answer.body, 'latin1').toString('utf8')
  const isProblem = answer.headers['content-type'] === 'application/problem+json' && body !== ''
  return { ...answer, body, problem: isProblem ? JSON.parse(body) : undefined }
}

function bytesOf({ lines = [], method = 'POST', path = '/auth/login', ...sent }: Sent): Buffer {
  const body = Buffer.from(sent.body ?? '')
  const { type = 'application/json' } = sent
  const headers = {
    host: 'localhost:3000',
    ...(type === '' ? {} : { 'content-type': type }),
    ...framingOf(method, body, sent.chunked ?? false),
    ...sent.headers,
  }
  const written = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const head = [`${method} ${path} HTTP/1.1`, ...written, ...lines, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), sent.chunked ? inChunks(body) : body])
}

function framingOf(method: string, body: Buffer, chunked: boolean): Record<string, string> {
  if (chunked) return { 'transfer-encoding': 'chunked' }
  return method === 'GET' && body.length === 0 ? {} : { 'content-length': String(body.length) }
}

function inChunks(body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; at += 4_096) {
    const piece = body.subarray(at, at + 4_096)
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}
