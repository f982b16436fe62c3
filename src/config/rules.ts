import { isLocalhost } from './address.ts'
import type { Config } from './config.ts'
import { formatDuration } from './duration.ts'
import type { Faults } from './faults.ts'
import { checkRoles } from './role-rules.ts'
import { checkSignatureKeys } from './rules-signatures.ts'
import { checkReuse } from './secret-rules.ts'

/** What options say about each other. A rule looks only at options that are right by themselves. */
interface Rule {
  /** The options it compares; the first is the one the message names. */
  readonly of: readonly [string, ...string[]]
  /** What is wrong and how to mend it, completing the sentence that begins with the path. */
  readonly problem: (config: Config) => string | undefined
}

const transports = ['cookie', 'body', 'session'] as const

const rules: readonly Rule[] = [
  {
    of: ['baseUrl', 'mode'],
    problem: ({ baseUrl }) =>
      baseUrl === undefined
        ? "is missing: links, tokens and cookies are made for it. Set BASE_URL or `baseUrl`, such as 'https://app.example.com'."
        : undefined,
  },
  {
    of: ['cookies', 'baseUrl'],
    problem: ({ cookies, baseUrl }) =>
      cookies === 'insecure-localhost' && baseUrl !== undefined && !isLocalUrl(baseUrl)
        ? "must be 'host' unless `baseUrl` is on localhost: cookies without Secure can be stolen on the way."
        : undefined,
  },
  {
    of: ['mode', 'baseUrl'],
    problem: ({ mode, baseUrl }) =>
      mode === 'development' && baseUrl !== undefined && !isLocalUrl(baseUrl)
        ? "must be 'production' unless `baseUrl` is on localhost: development shows mail to whoever asks."
        : undefined,
  },
  {
    of: ['captcha.secret', 'captcha.provider'],
    problem: ({ captcha }) => {
      const asksOthers = captcha.provider !== 'altcha' && captcha.provider !== 'none'
      const given = captcha.siteKey !== undefined && captcha.secret !== undefined
      if (asksOthers === given) return undefined
      return asksOthers
        ? `is missing: ${captcha.provider} needs 'captcha.siteKey' and 'captcha.secret'.`
        : undefined
    },
  },
  ...transports.map(sessionRule),
  {
    of: ['organisations.domain', 'organisations.from'],
    problem: ({ organisations: { domain, from } }) =>
      from === 'host' && domain === undefined
        ? "is missing: with `organisations.from` 'host' it says below which domain hosts are organisations, such as 'example.com'."
        : undefined,
  },
  {
    of: ['organisations.tenancy', 'organisations.from'],
    problem: ({ organisations: { from, tenancy } }) =>
      from === 'route' && tenancy === 'isolated'
        ? "must be 'shared' unless `organisations.from` is 'header' or 'host': a sign-in has to say whose accounts it is about."
        : undefined,
  },
  {
    of: ['revocation.maxStale', 'revocation.poll'],
    problem: ({ revocation }) =>
      revocation.maxStaleMs < 2 * revocation.pollMs
        ? 'must be at least twice `revocation.poll`, or every pause between two reads would count as an outage.'
        : undefined,
  },
  {
    of: ['tokens.hs256Key', 'tokens.algorithm'],
    problem: ({ tokens }) => {
      if (tokens.algorithm === 'HS256' && tokens.hs256Key === undefined) {
        return "is missing: HS256 needs a key of its own. Set `tokens.hs256Key` or use 'EdDSA'."
      }
      const unused = tokens.algorithm !== 'HS256' && tokens.hs256Key !== undefined
      return unused
        ? "is used with algorithm 'HS256' only. Set `tokens.algorithm` or remove the key."
        : undefined
    },
  },
  {
    of: ['password.pepper.current', 'password.pepper.keys'],
    problem: ({ password: { pepper } }) =>
      pepper && !Object.hasOwn(pepper.keys, pepper.current)
        ? 'must be the id of one of `password.pepper.keys`.'
        : undefined,
  },
  {
    of: ['password.parallelism', 'password.memoryKiB'],
    problem: ({ password }) =>
      password.memoryKiB < 8 * password.parallelism
        ? 'needs 8 KiB of memory for each lane.'
        : undefined,
  },
  {
    of: ['password.memoryKiB', 'password.passes'],
    problem: ({ password }) =>
      password.memoryKiB * password.passes < 7_168 * 5
        ? 'must be larger, or `password.passes` must: the least is 7168 KiB with 5 passes, 9216 with 4, 12288 with 3, 19456 with 2.'
        : undefined,
  },
  {
    of: ['database.url', 'database.pool', 'database.kysely'],
    problem: ({ database }) => {
      const { url, pool, kysely } = database
      const count = [url, pool, kysely].filter((one) => one !== undefined).length
      return count > 1 ? 'must stand alone: give one of `url`, `pool` and `kysely`.' : undefined
    },
  },
  {
    of: ['limits.store', 'valkey'],
    problem: ({ limits, valkey }) =>
      limits.store === 'valkey' && !valkey
        ? "is 'valkey', and no server is named: set `valkey` or REDIS_URL."
        : undefined,
  },
  {
    of: ['mail.smtpUrl', 'mail.mailer'],
    problem: ({ mail }) =>
      mail.smtpUrl && mail.mailer
        ? 'must stand alone: give `smtpUrl` or `mailer`, not both.'
        : undefined,
  },
  {
    of: ['mfa.grace', 'mfa.required', 'mfa.roles'],
    problem: ({ mfa }) =>
      mfa.graceMs !== undefined && mfa.required !== 'everyone' && mfa.roles.length === 0
        ? "delays what nothing demands: set `mfa.required: 'everyone'` or `mfa.roles`, or remove it."
        : undefined,
  },
  {
    of: ['passkeys.models', 'passkeys.attestation'],
    problem: ({ passkeys }) =>
      passkeys.models.length > 0 && passkeys.attestation !== 'direct'
        ? "needs `passkeys.attestation: 'direct'`: without it authenticators do not prove what they are."
        : undefined,
  },
  {
    of: ['paths'],
    problem: ({ paths }) => {
      const all = Object.values(paths)
      return new Set(all).size < all.length ? 'must all differ.' : undefined
    },
  },
  {
    of: ['headers.contentSecurityPolicy', 'headers.contentSecurityPolicy.candidate'],
    problem: ({ headers: { contentSecurityPolicy: csp } }) =>
      csp !== false && csp.candidate !== undefined && csp.reportOnly
        ? 'is `reportOnly` and has a `candidate`: a candidate is tried out beside a policy that holds. Remove one of them.'
        : undefined,
  },
  {
    of: ['headers.contentSecurityPolicy', 'headers.contentSecurityPolicy.reports'],
    problem: ({ headers: { contentSecurityPolicy: csp } }) =>
      csp !== false &&
      (csp.candidate !== undefined || csp.reportOnly) &&
      !csp.reports &&
      csp.reportUri === undefined
        ? 'only reports, and reports go nowhere: set `reports: true` or a `reportUri`.'
        : undefined,
  },
  {
    of: ['userProperty'],
    problem: ({ userProperty }) =>
      userProperty !== undefined && takenProperties.has(userProperty)
        ? `must be another name: '${userProperty}' already means something on a request. 'user' is free.`
        : undefined,
  },
]

const takenProperties: ReadonlySet<string> = new Set(
  'auth app baseUrl body constructor cookies headers host hostname id ip ips method originalUrl params path prototype protocol query rawBody rawHeaders res route secret secure session signedCookies socket url __proto__'.split(
    ' ',
  ),
)

function sessionRule(transport: (typeof transports)[number]): Rule {
  const path = `sessions.${transport}`
  return {
    of: [`${path}.idle`, `${path}.absolute`],
    problem: ({ sessions }) => {
      const { idleMs, absoluteMs } = sessions[transport]
      return idleMs > absoluteMs
        ? `must not be longer than \`${path}.absolute\` (${formatDuration(absoluteMs)}): shorten it or lengthen the other.`
        : undefined
    },
  }
}

/** Reports every contradiction between options. */
export function checkRules(config: Config, faults: Faults): void {
  for (const { of, problem } of rules) {
    if (of.some((path) => faults.concerns(path))) continue
    const found = problem(config)
    if (found !== undefined) faults.add(of[0], found)
  }
  if (!faults.concerns('access')) {
    const { access, mfa, organisations } = config
    checkRoles(
      {
        access,
        ...(faults.concerns('mfa') ? {} : { mfa }),
        ...(faults.concerns('organisations') ? {} : { organisations }),
      },
      faults,
    )
  }
  if (!faults.concerns('signatures')) checkSignatureKeys(config.signatures, faults)
  checkReuse(config, faults)
}

function isLocalUrl(url: string): boolean {
  return isLocalhost(new URL(url).hostname)
}
