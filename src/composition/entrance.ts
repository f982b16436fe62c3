import type { Access } from '../access/index.ts'
import { requiredLevel } from '../assurance/index.ts'
import { Entrance, Realms } from '../organisations/index.ts'
import type { Verdicts } from '../sessions/index.ts'
import { demandFreshProof, type OrganisationNaming, type Quotas } from '../shield/index.ts'
import type { Ground } from './ground.ts'

export interface EntranceRooms {
  readonly entrance: Entrance
  /** Undefined where one account is good for all organisations. */
  readonly realms: Realms | undefined
}

/** Wires the way into organisations; what it remembers it forgets with everybody else. */
export function wireEntrance(
  { config, database, revocations }: Ground,
  { access, verdicts }: { readonly access: Access; readonly verdicts: Verdicts },
): EntranceRooms {
  const { clock, mfa, organisations } = config
  const entrance = new Entrance({
    ...{ access, clock, database },
    levelOf: (roles) => requiredLevel(mfa, { roles, dueAt: null, now: clock.now() }),
    demandProof: (auth, withinMs) => demandFreshProof(auth, { now: clock.now(), withinMs }),
    derive: (from, to, until) => verdicts.derive(from, to, until),
  })
  const realms = organisations.tenancy === 'isolated' ? new Realms(database) : undefined
  revocations.subscribe(entrance)
  if (realms) revocations.subscribe(realms)
  return { entrance, realms }
}

/** How requests name their organisation. */
export function namingOf(
  { config }: Ground,
  { realms }: EntranceRooms,
  quotas: Quotas,
): OrganisationNaming {
  const { domain, from, header } = config.organisations
  return {
    ...{ domain, from, header, realms },
    ownHost: new URL(config.baseUrl).host,
    tryUnknown: (exchange, lookUp) => quotas.tryUnknown(exchange, lookUp),
  }
}
