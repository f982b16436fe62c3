import { baseUrlFlaw, rangeFlaw, toOrigin } from './address.ts'
import { type Group, list, oneOf, port, secretUrl, strongSecret, text, whole } from './fields.ts'
import { group, matching, name } from './option-parts.ts'
import { access, apiKeys, organisations } from './option-table-access.ts'
import {
  captcha,
  closedAccounts,
  links,
  lockout,
  notices,
  password,
  revocation,
  sessions,
  stepUp,
  tokens,
} from './option-table-accounts.ts'
import { ipRules, target } from './option-table-addresses.ts'
import { detection } from './option-table-detection.ts'
import { mfa, passkeys, totp } from './option-table-factors.ts'
import { shield } from './option-table-shield.ts'
import { signatures } from './option-table-signatures.ts'
import { body, cors, headers, limits, mail, paths, valkey } from './option-table-traffic.ts'
import { uploads } from './option-table-uploads.ts'
import type { DatabaseOptions, SecurityOptions } from './options.ts'

const sqlName = "must be 1 to 30 small letters, digits and '_', a letter first."

const database = group<DatabaseOptions>(
  {
    url: secretUrl(
      ['sqlite', 'file', 'postgres', 'postgresql', 'mysql', 'mariadb'],
      `'postgres://user:password@host/name'`,
    ),
    pool: port(['query', 'end'], 'a pool of pg or mysql2'),
    kysely: port(['transaction', 'getExecutor'], 'a Kysely'),
    tablePrefix: text({
      fallback: 'hf_',
      flaw: matching(/^[a-z][a-z0-9_]{0,29}$/, sqlName),
    }),
    schema: text({
      flaw: matching(/^[a-z][a-z0-9_]{0,29}$/, sqlName),
    }),
    poolSize: whole({ min: 1, max: 500, fallback: 10 }),
  },
  { shorthand: 'url' },
)

/** Every option: what it accepts and what holds without it. The reference is generated from it. */
export const optionTable: Group = Object.freeze(
  group<SecurityOptions>({
    appName: text({ fallback: 'Holdfast', max: 64 }),
    baseUrl: text({ accepts: 'origin', flaw: baseUrlFlaw, normalise: toOrigin }),
    profile: oneOf(['standard', 'strict'], 'standard'),
    mode: oneOf(['production', 'development'], 'production'),
    masterKey: strongSecret({
      required: true,
      advice:
        'Run `holdfast secrets generate` and give the result as MASTER_ENCRYPTION_KEY or `masterKey`.',
    }),
    database,
    valkey,
    registration: oneOf(['open', 'invite', 'closed'], 'open'),
    registrationMetadata: list(name()),
    password,
    lockout,
    captcha,
    notices,
    stepUp,
    mfa,
    totp,
    passkeys,
    closedAccounts,
    tokens,
    sessions,
    cookies: oneOf(['host', 'insecure-localhost'], 'host'),
    revocation,
    limits,
    access,
    organisations,
    apiKeys,
    trustedProxies: list(text({ accepts: 'addresses or CIDR ranges', flaw: rangeFlaw })),
    cors,
    headers,
    body,
    shield,
    ipRules,
    target,
    detection,
    signatures,
    uploads,
    mail,
    paths,
    userProperty: text({
      max: 40,
      flaw: matching(/^[A-Za-z_$][A-Za-z0-9_$]*$/, 'must be a property name.'),
    }),
    links,
    logLevel: oneOf(['debug', 'info', 'warn', 'error'], 'info'),
    clock: port(['now', 'monotonic', 'after'], 'a clock'),
    random: port(['bytes'], 'a source of randomness'),
    logger: port(['debug', 'info', 'warn', 'error'], 'a logger'),
  }),
)
