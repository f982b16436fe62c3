import { defineErrors } from '../errors/index.ts'
import { type Exchange, findPathFault, type PathFault, type PathRules } from '../http/index.ts'
import type { AddressWatch } from '../ip-rules/index.ts'

export const targetErrors = defineErrors({
  path_ambiguous: {
    status: 400,
    title: 'Ambiguous path',
    detail: 'The path can be read in more than one way. Send it in its plain spelling.',
  },
})

/** What the two steps work with that look at where a request comes from and where it goes. */
export interface AddressStepParts {
  readonly target: PathRules
  readonly addresses: AddressWatch
}

const details: Readonly<Record<PathFault, string>> = {
  control_character: 'The path holds a control character, plain or escaped.',
  not_ascii: 'The path holds characters beyond ASCII. Send them as UTF-8 in percent-encoding.',
  backslash: 'The path holds a backslash, plain or escaped. Write "/".',
  encoded_slash: 'The path holds "%2F". Send such a value in the query or in the body.',
  dot_segment: 'The path holds the segment "." or "..", plain or escaped. Leave it out.',
  bad_encoding: 'The percent-encoding of the path is broken, or its bytes are not UTF-8.',
}

/**
 * Refuses a path that a proxy, the router and a guard could read differently (GHSA-x732-6j76-qmhm), so
 * that what is judged is what is served. `*` is the target of OPTIONS alone.
 */
export function target({ path }: Exchange, parts: AddressStepParts): undefined {
  if (path === '*') return undefined
  const fault = findPathFault(path, parts.target)
  if (fault) throw targetErrors.path_ambiguous({ detail: details[fault] })
  return undefined
}

/** Refuses addresses that the rules deny, before anything is counted or costs. */
export function ipRules(
  exchange: Exchange,
  { addresses }: AddressStepParts,
): undefined | Promise<undefined> {
  const refusal = addresses.judge(exchange)
  if (refusal instanceof Promise) return refusal.then(refuse)
  return refuse(refusal)
}

function refuse(refusal: Error | undefined): undefined {
  if (refusal) throw refusal
  return undefined
}
