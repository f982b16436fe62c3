import { Agent, request } from 'node:http'
import { ServerProcess } from './server-process.ts'
import type { LoadRequest } from './wrk.ts'

interface Allocating {
  readonly script: string
  readonly options?: () => unknown
  readonly requests: (details: unknown) => readonly LoadRequest[]
}

interface Windows {
  readonly windows: number
  readonly requests: number
}

/** A young generation so large that nothing is collected within a window. */
const flags = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256']
const inFlight = 16
/** More than there are tokens, so that each has been seen, and code is optimised. */
const warmUpRequests = 4_000

/** Heap bytes that a server allocates for a request, by window, in a process made for this alone. */
export async function allocationOf(kind: Allocating, size: Windows): Promise<readonly number[]> {
  const options = kind.options?.()
  const server = await ServerProcess.start({ script: kind.script, options, nodeFlags: flags })
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
  const requests = kind.requests(server.details)
  const bytes: number[] = []
  await sendMany(server.url, { requests, agent, count: warmUpRequests })
  for (let window = 0; window < size.windows; window++) {
    const before = await server.collect()
    await sendMany(server.url, { requests, agent, count: size.requests })
    const after = await server.usage()
    bytes.push((after.heapUsed - before.heapUsed) / size.requests)
  }
  agent.destroy()
  await server.stop()
  return bytes
}

interface Sending {
  readonly requests: readonly LoadRequest[]
  readonly agent: Agent
  readonly count: number
}

async function sendMany(url: string, { agent, count, requests }: Sending): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) {
      const one = requests[next % requests.length]
      next += 1
      if (one) await send(url, one, agent)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
}

/** Sends one request and reads its answer to the end; the status. */
export function send(url: string, load: LoadRequest, agent?: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const { headers, method = 'GET', path } = load
    const options = { method, headers: { ...headers }, ...(agent ? { agent } : {}) }
    const sent = request(`${url}${path}`, options, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode ?? 0))
    })
    sent.once('error', reject)
    sent.end(load.body)
  })
}
