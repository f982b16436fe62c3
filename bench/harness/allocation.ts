import { sendMany } from './client.ts'
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
  const requests = kind.requests(server.details)
  const bytes: number[] = []
  await sendMany(server.url, { requests, inFlight, count: warmUpRequests })
  for (let window = 0; window < size.windows; window++) {
    const before = await server.collect()
    await sendMany(server.url, { requests, inFlight, count: size.requests })
    const after = await server.usage()
    bytes.push((after.heapUsed - before.heapUsed) / size.requests)
  }
  await server.stop()
  return bytes
}
