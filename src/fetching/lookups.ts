import { lookup } from 'node:dns/promises'

/** Node looks names up in the few threads that it reads files and packs answers with. */
const mostAtOnce = 2

/**
 * Looks names up as the system does, `/etc/hosts` included, two at a time: names whose servers never
 * answer, which a stranger may choose, keep the other threads free. Whoever waits too long gives up by
 * the deadline of the fetch.
 */
export function boundedLookups(
  find: (hostname: string) => Promise<readonly string[]> = findHere,
): (hostname: string) => Promise<readonly string[]> {
  const waiting: (() => void)[] = []
  let busy = 0
  return async (hostname) => {
    while (busy >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    busy += 1
    try {
      return await find(hostname)
    } finally {
      busy -= 1
      waiting.shift()?.()
    }
  }
}

async function findHere(hostname: string): Promise<readonly string[]> {
  const found = await lookup(hostname, { all: true, verbatim: true })
  return found.map(({ address }) => address)
}
