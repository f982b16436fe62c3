import type { Access } from '../access/index.ts'
import { Organisations } from '../organisations/index.ts'
import type { Ground } from './ground.ts'

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
