import type { FieldFault } from '../errors/index.ts'
import { type Network, readNetwork } from '../http/index.ts'

const mostFaults = 20

export type ReadLines =
  | { readonly ok: true; readonly networks: readonly Network[] }
  | { readonly ok: false; readonly faults: readonly FieldFault[] }

/**
 * Reads a list of addresses and ranges, one a line. Empty lines and what follows `#` or `;` are left
 * out, as lists that are published have them; a range that is there twice counts once.
 */
export function readLines(lines: readonly string[]): ReadLines {
  const networks = new Map<string, Network>()
  const faults: FieldFault[] = []
  for (const [at, line] of lines.entries()) {
    const text = line.replace(/[#;].*$/, '').trim()
    if (text === '') continue
    const read = readNetwork(text)
    if (read.ok) networks.set(read.network.text, read.network)
    else faults.push(faultOf(at, read.problem))
    if (faults.length >= mostFaults) break
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, networks: [...networks.values()] }
}

/** The number is that of a person who counts lines; what stands there is not repeated. */
function faultOf(at: number, problem: string): FieldFault {
  const detail = `Line ${at + 1} ${problem}.`
  return { pointer: `#/body/lines/${at}`, code: 'ip_range_invalid', detail }
}
