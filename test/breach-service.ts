import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as the service saw it. */
export interface SeenRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

/** A server on this machine that answers as the range API of Have I Been Pwned is documented to. */
export interface BreachService {
  readonly url: string
  readonly seen: SeenRequest[]
  /** What it does instead of answering, until it is set back to undefined. */
  trouble: ((response: ServerResponse) => void) | undefined
  /** Resolves when the next request has arrived. */
  arrival(): Promise<void>
  stop(): Promise<void>
}

export const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase()

/** Lines of a range that mean nothing: other passwords, and padding. */
const filler = Array.from({ length: 900 }, (_, at) => `${sha1(`filler ${at}`).slice(5)}:${at % 3}`)

/** Serves the range of `passwords`, each seen in 7 breaches, and pads when it is asked to. */
export async function startBreachService(passwords: readonly string[]): Promise<BreachService> {
  const seen: SeenRequest[] = []
  let arrived = () => {}
  const server = createServer((request, response) => {
    seen.push({ path: request.url ?? '', headers: request.headers })
    arrived()
    if (service.trouble) service.trouble(response)
    else answer(passwords, request.url ?? '', response)
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const service: BreachService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    trouble: undefined,
    arrival: () => new Promise((resolve) => (arrived = resolve)),
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return service
}

function answer(passwords: readonly string[], path: string, response: ServerResponse): void {
  const prefix = /^\/range\/([0-9A-F]{5})$/.exec(path)?.[1]
  if (prefix === undefined) {
    response.writeHead(400).end('The hash prefix was not in a valid format')
    return
  }
  const found = passwords.map(sha1).filter((hash) => hash.startsWith(prefix))
  const lines = [...filler, ...found.map((hash) => `${hash.slice(5)}:7`)].sort()
  response.writeHead(200, { 'content-type': 'text/plain' }).end(lines.join('\r\n'))
}
