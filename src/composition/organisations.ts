import type { Access } from '../access/index.ts'
import type { Auth, ClientAddress } from '../http/index.ts'
import { admitsAddress, Organisations, organisationErrors } from '../organisations/index.ts'
import { demandFreshProof } from '../shield/index.ts'
import type { Ground } from './ground.ts'
import type { Rooms } from './rooms.ts'

/** Wires the organisations; their links are built from `baseUrl` alone. */
export function wireOrganisations(ground: Ground, access: Access): Organisations {
  const { config, database, limits, outbox, recorder, renderMail, revocations } = ground
  const { appName, baseUrl, clock, links, organisations, paths, random } = config
  return new Organisations({
    ...{ access, database, limits, outbox, recorder, revocations, appName, clock, random },
    render: renderMail,
    rules: organisations,
    superAdminRole: config.access.superAdminRole,
    invitationPage: `${baseUrl}${paths.account}/invitation`,
    invitationMs: links.invitationMs,
  })
}

/** The caller as a member: with the roles held there, under what the organisation demands. */
export async function enterAsMember(
  { access, organisations }: Pick<Rooms, 'access' | 'organisations'>,
  auth: Auth,
  { client, now, reference }: Entering,
): Promise<Auth> {
  const membership = await organisations.membership(reference, auth.userId)
  if (!membership || auth.keyId !== undefined) throw organisationErrors.organisation_not_found()
  const { organisation, roles: held } = membership
  const { ipRanges, requiredLevel, sessionMaxMs } = organisation.policy
  if (ipRanges && !admitsAddress(organisation.policy, client?.ip ?? '')) {
    throw organisationErrors.organisation_address_refused()
  }
  if (sessionMaxMs !== undefined) demandFreshProof(auth, { now, withinMs: sessionMaxMs })
  const roles = Object.freeze([...new Set([...auth.roles, ...held])])
  const permissions = access.permissionsIn(auth.roles, held)
  const inside = {
    ...auth,
    roles,
    organisation: organisation.id,
    requiredLevel: requiredLevel ?? auth.requiredLevel,
  }
  const reach = access.reach(permissions, inside)
  return Object.freeze({ ...inside, ...reach, permissions: permissions.patterns })
}

interface Entering {
  readonly reference: string
  readonly client: ClientAddress | undefined
  readonly now: number
}
