import { Agent, request } from 'node:http'
import { byProxy, type LoadRequest } from './wrk.ts'

export interface Sending {
  readonly requests: readonly LoadRequest[]
  /** Requests at a time, each on a connection of its own. */
  readonly inFlight: number
  readonly count: number
}

/** Sends so many requests and reads every answer to the end; how many had which status. */
export async function sendMany(url: string, sending: Sending): Promise<Map<number, number>> {
  const { count, inFlight, requests } = sending
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
  const statuses = new Map<number, number>()
  let next = 0
  const worker = async () => {
    while (next < count) {
      const one = requests[next % requests.length]
      next += 1
      const status = one ? await send(url, one, agent) : 0
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  agent.destroy()
  return statuses
}

/** Sends one request and reads its answer to the end; the status. */
export function send(url: string, load: LoadRequest, agent?: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const { headers, method = 'GET', path } = load
    const options = { method, headers: { ...headers, ...byProxy }, ...(agent ? { agent } : {}) }
    const sent = request(`${url}${path}`, options, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode ?? 0))
    })
    sent.once('error', reject)
    sent.end(load.body)
  })
}
