import { lookup, Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { Turns } from '../limits/index.ts'
import { FetchFault } from './fault.ts'

/** Finds the addresses of a name, until whoever asked gives up. */
export type Lookup = (hostname: string, signal?: AbortSignal) => Promise<readonly string[]>

/** How names are looked up; each part can be another in tests. */
export interface LookupParts {
  /** Asks the DNS. */
  readonly ask: Lookup
  /** Asks the machine, in a thread of the few that Node reads files with. */
  readonly askMachine: Lookup
  /** What `/etc/hosts` holds. */
  readonly readHosts: () => Promise<string>
}

export const queriesAtOnce = 100
const machineAtOnce = 2
export const mostWaiting = 100
const full = () => new FetchFault('busy')
/** Two tries, of which the second waits twice as long. */
const patience = { timeout: 1_500, tries: 2 }

/**
 * Looks names up in `/etc/hosts` and the DNS, so many at a time and each for a few seconds: names whose servers
 * never answer, which a stranger may choose, hold a socket and no thread, and whoever gives up leaves the line or
 * takes the question back. A name without a dot, which no stranger's server answers for, is asked of the machine,
 * which knows its search domains.
 */
export function boundedLookups(parts: Partial<LookupParts> = {}): Lookup {
  const { ask = queryDns(), askMachine = systemLookup, readHosts = readHostsFile } = parts
  const queries = new Turns({ atOnce: queriesAtOnce, waiting: mostWaiting })
  const threads = new Turns({ atOnce: machineAtOnce, waiting: mostWaiting })
  return async (hostname, signal) => {
    const name = hostname.replace(/\.$/, '').toLowerCase()
    const listed = addressesIn(await readHosts(), name)
    if (listed.length > 0) return listed
    const [turns, find] = name.includes('.') ? [queries, ask] : [threads, askMachine]
    return turns.run(() => find(hostname, signal), { full, ...(signal && { signal }) })
  }
}

/** Asks the DNS for addresses of both families; `servers` in place of those of the machine. */
export function queryDns(servers?: readonly string[], times = patience): Lookup {
  return async (hostname, signal) => {
    const resolver = new Resolver(times)
    if (servers) resolver.setServers(servers)
    const cancel = () => resolver.cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      const both = [resolver.resolve4(hostname), resolver.resolve6(hostname)]
      const answers = await Promise.allSettled(both)
      const found = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
      if (found.length === 0) await both[0]
      return found
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }
}

async function systemLookup(hostname: string): Promise<readonly string[]> {
  const found = await lookup(hostname, { all: true, verbatim: true })
  return found.map(({ address }) => address)
}

function readHostsFile(): Promise<string> {
  return readFile('/etc/hosts', 'utf8').catch(() => '')
}

/** The addresses that lines of `address name name ...` give this name. */
function addressesIn(hosts: string, wanted: string): readonly string[] {
  return hosts.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    return names.some((name) => name.toLowerCase() === wanted) ? [address] : []
  })
}
