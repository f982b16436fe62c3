import type { Config } from '../config/index.ts'
import { CspReports, type OwnPlaces, type Policy, type ReportedPolicy } from '../csp/index.ts'
import { defaultDirectives } from '../shield/index.ts'
import type { Ground } from './ground.ts'

/** Whether browsers are told to report to us. */
export function takesCspReports({ headers: { contentSecurityPolicy: policy } }: Config): boolean {
  return policy !== false && policy.reports && policy.reportUri === undefined
}

/** Reports of browsers about the Content-Security-Policy. */
export function wireCsp({ config, database, keyring, limits, shieldRoutes }: Ground): CspReports {
  const { baseUrl, clock, logger } = config
  return new CspReports({
    ...{ database, clock, logger, limits },
    own: ownPlaces(config),
    routeOf: (path) => shieldRoutes.nameOf({ method: 'GET', path }).slice('GET '.length),
    reported: reportedPolicy(config),
    hashKey: keyring.deriveSecret('csp'),
    secure: baseUrl.startsWith('https:'),
  })
}

/** Pages of the app may stand at hosts below its own, and at the origins that may read its answers. */
function ownPlaces({ baseUrl, cors, organisations }: Config): OwnPlaces {
  const { hostname, origin } = new URL(baseUrl)
  const domains = [hostname, ...(organisations.domain === undefined ? [] : [organisations.domain])]
  const others = new Set(cors.origins.map((one) => new URL(one).hostname))
  return {
    origins: new Set([origin]),
    isOwnHost: (host) =>
      others.has(host) || domains.some((own) => host === own || host.endsWith(`.${own}`)),
  }
}

/** While a policy is on trial, reports are about that one. */
function reportedPolicy({
  headers: { contentSecurityPolicy: csp },
  mode,
}: Config): ReportedPolicy | undefined {
  if (csp === false) return undefined
  const changes = csp.candidate?.directives ?? csp.directives
  return {
    policy: policyWith(changes),
    changes,
    believesOne: mode === 'development',
    disposition: csp.candidate || csp.reportOnly ? 'report' : 'enforce',
    option: csp.candidate ? 'candidate' : 'directives',
  }
}

function policyWith(changes: ReportedPolicy['changes']): Policy {
  const all = Object.entries({ ...defaultDirectives, ...changes })
  return Object.fromEntries(all.flatMap(([name, list]) => (list === false ? [] : [[name, list]])))
}
