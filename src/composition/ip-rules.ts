import { AddressRefusals, AddressWatch, fixedRules, IpRules, RuleCopy } from '../ip-rules/index.ts'
import type { Ground } from './ground.ts'

/** Rules about addresses: what judges requests, and what changes the rules. */
export interface AddressRooms {
  readonly ipRuleCopy: RuleCopy
  readonly addressWatch: AddressWatch
  /** Refusals of addresses that wait to be recorded. */
  readonly addressRefusals: AddressRefusals
  readonly ipRules: IpRules
}

type Needed = Pick<Ground, 'config' | 'database' | 'recorder' | 'revocations'>

/** Wires the rules about addresses; they are read when the revocations have started. */
export function wireIpRules({ config, database, recorder, revocations }: Needed): AddressRooms {
  const { clock, ipRules, logger, paths, random } = config
  const fixed = fixedRules(ipRules)
  const copy = new RuleCopy({
    ...{ fixed, logger },
    paths: { admin: [paths.admin], auth: [paths.auth, paths.account] },
  })
  revocations.subscribe(copy)
  const refusals = new AddressRefusals({ clock, recorder })
  return {
    ipRuleCopy: copy,
    addressRefusals: refusals,
    addressWatch: new AddressWatch({ copy, database, revocations, clock, refusals }),
    ipRules: new IpRules({ copy, fixed, database, recorder, revocations, clock, random }),
  }
}
