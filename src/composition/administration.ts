import type { Access } from '../access/index.ts'
import { UserAdministration } from '../admin/index.ts'
import type { ApiKeys } from '../api-keys/index.ts'
import type { Enrolment } from '../enrolment/index.ts'
import type { Realms } from '../organisations/index.ts'
import { Links } from '../recovery/index.ts'
import type { Sessions } from '../sessions/index.ts'
import type { Ground } from './ground.ts'

interface Used {
  readonly access: Access
  readonly apiKeys: ApiKeys
  readonly enrolment: Enrolment
  readonly sessions: Sessions
  readonly realms: Realms | undefined
}

/** Wires the administration of accounts. */
export function wireAdministration(
  ground: Ground,
  { access, apiKeys, enrolment, realms, sessions }: Used,
): UserAdministration {
  const { config, database, devices, hasher, outbox, policy, recorder, revocations } = ground
  const { appName, baseUrl, clock, links, logger, mfa, paths, random, registration } = config
  return new UserAdministration({
    ...{
      access,
      apiKeys,
      enrolment,
      realms,
      sessions,
      database,
      devices,
      hasher,
      outbox,
      policy,
      recorder,
    },
    ...{ revocations, appName, clock, logger, mfa, random, registration },
    links: new Links({ database, clock, random }),
    throttle: ground.throttle,
    render: ground.renderMail,
    fourEyes: mfa.fourEyes,
    defaultRole: config.access.defaultRole,
    superAdminRole: config.access.superAdminRole,
    resetPage: `${baseUrl}${paths.account}/reset`,
    resetMs: links.resetPasswordMs,
    secureMs: links.reportMs,
    invitationMs: links.invitationMs,
  })
}
