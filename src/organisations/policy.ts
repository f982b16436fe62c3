import { json } from '../database/index.ts'
import { commonErrors } from '../errors/index.ts'
import { compileIpRanges } from '../http/index.ts'

/** What an organisation demands of its members on each request that names it. */
export interface OrganisationPolicy {
  /** 2: a second factor, whatever the member's roles elsewhere demand. */
  readonly requiredLevel?: 2
  /** Addresses and networks (`203.0.113.0/24`, `2001:db8::/32`) that members may call from; absent: any. */
  readonly ipRanges?: readonly string[]
  /** How old the last proof of a session may be, in milliseconds; absent: as old as the session. */
  readonly sessionMaxMs?: number
}

const minuteMs = 60_000
const shortestMs = 5 * minuteMs
const longestMs = 365 * 24 * 60 * minuteMs
const mostRanges = 100

/** The policy of a row. */
export function policyOf(row: { readonly policy: string }): OrganisationPolicy {
  return Object.freeze(json.decode<OrganisationPolicy>(row.policy))
}

/** Checks a policy before it is kept. Throws `invalid_request` with the place. */
export function checkPolicy(policy: OrganisationPolicy): OrganisationPolicy {
  const { ipRanges, requiredLevel, sessionMaxMs } = policy
  if (requiredLevel !== undefined && requiredLevel !== 2) {
    throw fault('requiredLevel', 'must be 2, or absent.')
  }
  if (ipRanges) checkRanges(ipRanges)
  const isLength = Number.isSafeInteger(sessionMaxMs)
  const inBounds = Number(sessionMaxMs) >= shortestMs && Number(sessionMaxMs) <= longestMs
  if (sessionMaxMs !== undefined && !(isLength && inBounds)) {
    throw fault('sessionMaxMs', 'must be whole milliseconds, from 5 minutes to 365 days.')
  }
  return {
    ...(requiredLevel === undefined ? {} : { requiredLevel }),
    ...(ipRanges === undefined ? {} : { ipRanges: [...ipRanges] }),
    ...(sessionMaxMs === undefined ? {} : { sessionMaxMs }),
  }
}

/** Whether a policy lets requests from this address in. */
export function admitsAddress({ ipRanges }: OrganisationPolicy, ip: string): boolean {
  if (!ipRanges) return true
  const ranges = compileIpRanges(ipRanges)
  return ranges.ok && ranges.has(ip)
}

/** An empty list would shut everybody out for good. */
function checkRanges(texts: readonly string[]): void {
  if (texts.length === 0 || texts.length > mostRanges) {
    throw fault('ipRanges', `must hold 1 to ${mostRanges} addresses or networks, or be absent.`)
  }
  const ranges = compileIpRanges(texts)
  if (!ranges.ok) throw fault(`ipRanges/${texts.indexOf(ranges.entry)}`, `${ranges.problem}.`)
}

function fault(field: string, problem: string) {
  const detail = `This ${problem}`
  return commonErrors.invalid_request({
    faults: [{ pointer: `#/body/policy/${field}`, code: 'policy_invalid', detail }],
    explanation: `policy.${field} ${problem}`,
  })
}
