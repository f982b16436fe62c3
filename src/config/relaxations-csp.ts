import type { Config } from './config.ts'
import type { RelaxationCheck } from './relaxations.ts'

/** Options of the security headers that make caches and reports weaker. */
export const cspChecks: readonly RelaxationCheck[] = [
  ['headers.contentSecurityPolicy', (config) => isWeak(config), 'Injected scripts may run.'],
  [
    'headers.contentSecurityPolicy.reports',
    (config) => isSilent(config),
    'Nobody hears of what the policy stops, an injected script least of all.',
  ],
  [
    'headers.authenticatedCaching',
    ({ headers }) => headers.authenticatedCaching !== 'no-store',
    'Answers that belong to one person may stay in the cache of a browser that others use.',
  ],
  [
    'limits.cspReports',
    ({ limits: { cspReports } }) => cspReports.points / cspReports.windowMs > 100 / 900_000,
    'One client can deliver more reports.',
  ],
]

function isSilent({ headers: { contentSecurityPolicy: policy } }: Config): boolean {
  return policy !== false && !policy.reports && policy.reportUri === undefined
}

function isWeak({ headers: { contentSecurityPolicy: csp } }: Config): boolean {
  if (csp === false || csp.reportOnly) return true
  return Object.entries(csp.directives).some(
    ([name, sources]) =>
      sources === false ||
      sources.some((source) => isBroad(source) && !(source === 'data:' && passive.has(name))),
  )
}

/** What these show can do nothing to the page. */
const passive: ReadonlySet<string> = new Set(['img-src', 'media-src', 'font-src'])

function isBroad(source: string): boolean {
  return /^'unsafe-|^(?:\*|https?:|data:)$/.test(source)
}
