import { isLocalhost } from './address.ts'
import type { Config } from './config.ts'
import { formatDuration } from './duration.ts'
import { cspChecks } from './relaxations-csp.ts'
import { detectionChecks } from './relaxations-detection.ts'
import { factorChecks } from './relaxations-factors.ts'
import { shieldChecks } from './relaxations-shield.ts'
import { valkeyChecks } from './relaxations-valkey.ts'

/** An option that was made weaker than its default, and what that means in practice. */
export interface Relaxation {
  readonly option: string
  readonly meaning: string
}

/** Option, whether it is weaker than its default, and what that means. */
export type RelaxationCheck = readonly [
  option: string,
  holds: (config: Config) => boolean,
  meaning: string,
]

const day = 86_400_000

const checks: readonly RelaxationCheck[] = [
  [
    'mode',
    (c) => c.mode === 'development',
    'Development: undelivered mail can be read on loopback. Not for production.',
  ],
  ['baseUrl', (c) => c.baseUrl.startsWith('http:'), 'Plain HTTP: for this machine only.'],
  [
    'cookies',
    (c) => c.cookies === 'insecure-localhost',
    'Cookies are neither Secure nor bound to the host by `__Host-`.',
  ],
  [
    'database',
    (c) => c.database.url?.reveal() === 'sqlite::memory:',
    'The database is in memory: accounts and audit records end with the process.',
  ],
  [
    'password.minLength',
    (c) => c.password.minLength < 15,
    'A short password is easier to guess; below 15 it should not be the only factor.',
  ],
  ['password.minScore', (c) => c.password.minScore < 3, 'Easily guessed passwords are accepted.'],
  [
    'password.memoryKiB',
    (c) => c.password.memoryKiB * c.password.passes < 19_456 * 2,
    'A stolen hash is cheaper to crack.',
  ],
  [
    'tokens.algorithm',
    (c) => c.tokens.algorithm === 'HS256',
    'Whoever can verify an access token can also make one.',
  ],
  [
    'tokens.accessLifetime',
    (c) => c.tokens.accessLifetimeMs > 900_000,
    'Another service believes an access token for longer after a sign-out.',
  ],
  [
    'tokens.keyRotation',
    (c) => c.tokens.keyRotationMs > 90 * day,
    'A stolen signing key stays useful for longer.',
  ],
  [
    'sessions.refreshGrace',
    (c) => c.sessions.refreshGraceMs > 10_000,
    'A stolen refresh token can be retried for longer.',
  ],
  ['revocation.poll', (c) => c.revocation.pollMs > 200, 'Revocation reaches other nodes later.'],
  [
    'revocation.maxStale',
    (c) => c.revocation.maxStaleMs > 10_000,
    'Without the database, revoked credentials work for longer.',
  ],
  [
    'limits.auth',
    (c) => rate(c.limits.auth) > 5 / 900_000,
    'More guesses per client and identifier.',
  ],
  [
    'limits.authClient',
    (c) => rate(c.limits.authClient) > 50 / 900_000,
    'More guesses per client.',
  ],
  [
    'limits.general',
    (c) => rate(c.limits.general) > 100 / 900_000,
    'More anonymous requests per client.',
  ],
  ['limits.account', (c) => rate(c.limits.account) > 1_000 / 900_000, 'More requests per account.'],
  [
    'limits.mailAddress',
    (c) => rate(c.limits.mailAddress) > 3 / 3_600_000,
    'Strangers can send more mail to one address.',
  ],
  [
    'limits.mailClient',
    (c) => rate(c.limits.mailClient) > 20 / 3_600_000,
    'One client can send more mail to strangers.',
  ],
  [
    'limits.passwordCheck',
    (c) => rate(c.limits.passwordCheck) > 60 / 900_000,
    'One client can have more passwords judged for forms.',
  ],
  [
    'access.defaultRole',
    (c) => ['admin', 'manager'].includes(c.access.defaultRole),
    'Every new account gets rights over other people’s data.',
  ],
  [
    'cors.origins',
    (c) => c.cors.origins.some(isPlainHttp),
    'An origin without HTTPS can be taken over on the way.',
  ],
  ...cspChecks,
  [
    'headers.hsts',
    ({ headers: { hsts } }) =>
      hsts === false || hsts.maxAgeMs < 365 * day || !hsts.includeSubDomains,
    'Browsers may fall back to plain HTTP.',
  ],
  [
    'headers.frameOptions',
    (c) => c.headers.frameOptions !== 'DENY',
    'Old browsers may show pages in a frame.',
  ],
  [
    'headers.referrerPolicy',
    (c) => leaksReferrer(c.headers.referrerPolicy),
    'Addresses of pages leak to other sites.',
  ],
  [
    'headers.crossOriginOpenerPolicy',
    (c) => c.headers.crossOriginOpenerPolicy !== 'same-origin',
    'Pages that opened ours, or were opened by it, keep a hold on it.',
  ],
  [
    'headers.crossOriginResourcePolicy',
    (c) => c.headers.crossOriginResourcePolicy !== 'same-origin',
    'Other sites may embed our answers.',
  ],
  [
    'headers.contentTypeOptions',
    (c) => c.headers.contentTypeOptions === false,
    'Browsers may take a file for a script.',
  ],
  [
    'headers.permissionsPolicy',
    (c) => c.headers.permissionsPolicy === false,
    'Injected content may ask for camera, microphone or position.',
  ],
  ['body.json', (c) => c.body.jsonBytes > 102_400, 'One request may cost more memory and time.'],
  ['body.form', (c) => c.body.formBytes > 102_400, 'One request may cost more memory and time.'],
  ['body.timeout', (c) => c.body.timeoutMs > 30_000, 'Slow clients hold connections for longer.'],
  [
    'links.verifyEmail',
    (c) => c.links.verifyEmailMs > day,
    'A link found in an old mail works for longer.',
  ],
  [
    'lockout.mode',
    (c) => c.lockout.mode === 'strict',
    'Strangers can lock an owner out: wrong guesses close the password to everybody for a while.',
  ],
  [
    'lockout.attempts',
    (c) => c.lockout.mode === 'strict' && c.lockout.attempts > 5,
    'More guesses come before a password is locked.',
  ],
  [
    'lockout.duration',
    (c) => c.lockout.mode === 'strict' && c.lockout.durationMs < 900_000,
    'A locked password can be guessed at again sooner.',
  ],
  [
    'captcha.provider',
    (c) => c.captcha.provider === 'none',
    'Guesses after failures cost nothing: no CAPTCHA is asked.',
  ],
  [
    'captcha.after',
    (c) => c.captcha.after > 3,
    'More guesses than usual come before a CAPTCHA is asked.',
  ],
  [
    'captcha.work',
    (c) => c.captcha.provider === 'altcha' && c.captcha.work < 50_000,
    'The proof of work costs a guesser less than usual.',
  ],
  [
    'captcha.whenUnavailable',
    (c) => isThirdParty(c) && c.captcha.whenUnavailable === 'allow',
    'No CAPTCHA is asked while its provider cannot be reached.',
  ],
  [
    'notices.underAttack',
    (c) => !c.notices.underAttack,
    'Owners do not hear that somebody guesses their password.',
  ],
  [
    'notices.newDevice',
    (c) => !c.notices.newDevice,
    'Owners do not hear of a sign-in from a device that is not theirs.',
  ],
  [
    'notices.password',
    (c) => !c.notices.password,
    'Owners do not hear that their password was changed, and cannot say that it was not them.',
  ],
  [
    'notices.email',
    (c) => !c.notices.email,
    'Owners do not hear that their address was replaced, and cannot take it back.',
  ],
  [
    'notices.factors',
    (c) => !c.notices.factors,
    'Owners do not hear that a second factor was added or removed, and cannot say that it was not them.',
  ],
  [
    'notices.apiKeys',
    (c) => !c.notices.apiKeys,
    'Owners do not hear that an API key of theirs was made, and cannot say that it was not them.',
  ],
  ...factorChecks,
  ...shieldChecks,
  ...detectionChecks,
  ...valkeyChecks,
  [
    'logLevel',
    (c) => c.logLevel === 'debug',
    'Debug lines say more about requests than is needed in production.',
  ],
]

const lifetimes = [
  ['cookie', 17 * 60_000, 7 * day],
  ['body', 30 * day, 90 * day],
  ['session', 17 * 60_000, 7 * day],
] as const

/**
 * Every option that is weaker than its default. Printed at start, so that nothing is relaxed in
 * silence; an empty list is the normal case in production.
 */
export function relaxations(config: Config): readonly Relaxation[] {
  const found = checks
    .filter(([, holds]) => holds(config))
    .map(([option, , meaning]) => ({ option, meaning }))
  return [...found, ...longSessions(config)]
}

function longSessions({ sessions }: Config): Relaxation[] {
  return lifetimes.flatMap(([transport, idle, absolute]) => {
    const { idleMs, absoluteMs } = sessions[transport]
    const left = {
      option: `sessions.${transport}.idle`,
      meaning: `A device left behind stays signed in for ${formatDuration(idleMs)}.`,
    }
    const stolen = {
      option: `sessions.${transport}.absolute`,
      meaning: `A stolen session lives for up to ${formatDuration(absoluteMs)}.`,
    }
    return [...(idleMs > idle ? [left] : []), ...(absoluteMs > absolute ? [stolen] : [])]
  })
}

function rate(policy: { readonly points: number; readonly windowMs: number }): number {
  return policy.points / policy.windowMs
}

function isThirdParty({ captcha: { provider } }: Config): boolean {
  return provider !== 'altcha' && provider !== 'none'
}

function isPlainHttp(origin: string): boolean {
  const { protocol, hostname } = new URL(origin)
  return protocol === 'http:' && !isLocalhost(hostname)
}

function leaksReferrer(policy: false | string): boolean {
  return (
    policy === false ||
    /unsafe-url|origin-when-cross-origin|no-referrer-when-downgrade/.test(
      policy.replace('strict-origin-when-cross-origin', ''),
    )
  )
}
