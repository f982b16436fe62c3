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
    ...(method === 'GET' && body.length === 0 ? {} : { 'content-length': String(body.length) }),
    ...sent.headers,
  }
  const written = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const head = [`${method} ${path} HTTP/1.1`, ...written, ...lines, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}
