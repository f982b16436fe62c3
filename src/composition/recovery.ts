import type { Access } from '../access/index.ts'
import type { ApiKeys } from '../api-keys/index.ts'
import type { Factors } from '../factors/index.ts'
import type { Passkeys } from '../passkeys/index.ts'
import { Links, Recovery } from '../recovery/index.ts'
import type { AccessTokens, Sessions, Verdicts } from '../sessions/index.ts'
import type { Ground } from './ground.ts'

interface Used {
  readonly access: Access
  readonly apiKeys: ApiKeys
  readonly factors: Factors
  readonly passkeys: Passkeys
  readonly sessions: Sessions
  readonly tokens: AccessTokens
  readonly verdicts: Verdicts
}

/** Wires recovery; its links and pages are built from `baseUrl` alone. */
export function wireRecovery(ground: Ground, used: Used): Recovery {
  const { audit, config, database, devices, hasher, limits, outbox, policy, recorder } = ground
  const { proof, renderMail, revocations, throttle } = ground
  const { appName, baseUrl, clock, paths, random } = config
  const { access, apiKeys, factors, passkeys, sessions, tokens, verdicts } = used
  return new Recovery({
    ...{ access, apiKeys, factors, passkeys, sessions, tokens, verdicts },
    ...{
      audit,
      database,
      devices,
      hasher,
      limits,
      outbox,
      policy,
      recorder,
      revocations,
      throttle,
    },
    ...{ appName, clock, proof, random },
    links: new Links({ database, clock, random }),
    render: renderMail,
    pages: `${baseUrl}${paths.account}`,
    lives: config.links,
    superAdminRole: config.access.superAdminRole,
    stepUpMs: config.stepUp.withinMs,
    eraseAfterMs: config.closedAccounts.eraseAfterMs,
  })
}
