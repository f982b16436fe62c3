import { AuditLog } from '../audit/index.ts'
import { createCaptcha, SpentChallenges, widgetHosts } from '../captcha/index.ts'
import type { Config } from '../config/index.ts'
import {
  createKeyring,
  defaultHashConcurrency,
  type Keyring,
  PasswordHasher,
} from '../crypto/index.ts'
import { type Database, openDatabase } from '../database/index.ts'
import { Devices } from '../devices/index.ts'
import { EventBus, RecorderChain } from '../events/index.ts'
import { Jobs } from '../jobs/index.ts'
import {
  keyPolicy,
  Limits,
  policiesOf,
  Refusals,
  SqlLimits,
  type ValkeyDriver,
  ValkeyLimits,
  valkeyDriver,
} from '../limits/index.ts'
import {
  DevelopmentMailbox,
  type MailRenderer,
  mailErrors,
  Outbox,
  renderMail,
  smtpMailer,
} from '../mail/index.ts'
import { HibpBreaches, PasswordPolicy, PasswordProof } from '../passwords/index.ts'
import type { Captcha, Mailer } from '../ports/index.ts'
import { Revocations } from '../revocation/index.ts'
import { RouteNames, ShadowLog, ShieldWatch } from '../shadow/index.ts'
import { GuessRefusals, Throttle } from '../throttle/index.ts'
import { unverifiedWebhooks } from '../webhooks/index.ts'
import { eventDefinitions } from './events.ts'
import { type AddressRooms, wireIpRules } from './ip-rules.ts'

/** What the rooms stand on, in the order in which it is made. */
export interface Ground extends AddressRooms {
  readonly config: Config
  readonly keyring: Keyring
  readonly database: Database
  readonly bus: EventBus
  readonly audit: AuditLog
  /** What rooms record into: the audit log first, then the observers that join it. */
  readonly recorder: RecorderChain
  readonly jobs: Jobs
  readonly limits: Limits
  readonly sqlLimits: SqlLimits
  /** Undefined where exact limits count in SQL. */
  readonly valkeyLimits: ValkeyLimits | undefined
  readonly refusals: Refusals
  readonly throttle: Throttle
  readonly guessRefusals: GuessRefusals
  readonly devices: Devices
  readonly proof: PasswordProof
  readonly revocations: Revocations
  readonly mailbox: DevelopmentMailbox | undefined
  readonly outbox: Outbox
  /** Writes a mail in the language of the configuration. */
  readonly renderMail: MailRenderer
  readonly hasher: PasswordHasher
  readonly policy: PasswordPolicy
  /** Undefined where the options ask for none. */
  readonly captcha: Captcha | undefined
  readonly spentChallenges: SpentChallenges
  /** What the controls of the shield refuse, and what they would refuse. */
  readonly shadow: ShadowLog
  readonly shield: ShieldWatch
  /** Names of routes, for reports. */
  readonly shieldRoutes: RouteNames
}

export async function openGround(config: Config): Promise<Ground> {
  const { clock, logger, random } = config
  const mailer = configuredMailer(config)
  await mailer.ready?.()
  const keyring = createKeyring(config.masterKey.reveal())
  const valkey = await limitsDriver(config)
  const database = await openConfigured(config)
  const bus = new EventBus(eventDefinitions, logger)
  const audit = new AuditLog({ database, bus, clock, random, logger })
  const recorder = new RecorderChain(audit)
  const jobs = new Jobs({ database, clock, random, logger })
  const hashKey = keyring.derive('limits')
  const refusals = new Refusals({ clock, hashKey, recorder })
  const sqlLimits = new SqlLimits({ database, hashKey })
  const valkeyLimits =
    valkey && new ValkeyLimits({ ...valkey, database, hashKey, sql: sqlLimits, logger })
  const revocations = new Revocations({ database, clock, logger, ...config.revocation })
  const guessing = guessingParts(config, { keyring, database, recorder })
  const passwords = passwordParts(config)
  const mailbox = wantsMailbox(config) ? new DevelopmentMailbox({ clock }) : undefined
  return {
    config,
    keyring,
    database,
    bus,
    audit,
    recorder,
    jobs,
    refusals,
    sqlLimits,
    valkeyLimits,
    limits: new Limits({
      clock,
      policies: [
        ...policiesOf(config.limits),
        ...[keyPolicy(config.apiKeys.limitPerHour), unverifiedWebhooks],
      ],
      sql: sqlLimits,
      valkey: valkeyLimits,
      onRefused: (policy, key) => refusals.note(policy, key),
    }),
    revocations,
    mailbox,
    outbox: new Outbox({
      ...{ database, keyring, random, clock, logger, jobs },
      mailer: mailbox ?? mailer,
      from: config.mail.from,
      host: new URL(config.baseUrl).hostname,
    }),
    renderMail: (template, data) => renderMail(template, data, config.mail.language),
    ...guessing,
    ...passwords,
    proof: new PasswordProof({
      ...{ database, recorder, hasher: passwords.hasher, ...guessing },
    }),
    ...captchaParts(config, keyring, database),
    ...shadowParts(config, database),
    ...wireIpRules({ config, database, recorder, revocations }),
  }
}

function shadowParts({ clock, detection, logger, shield }: Config, database: Database) {
  const routes = new RouteNames()
  const shadow = new ShadowLog({ clock, logger, routes })
  return {
    shadow,
    shieldRoutes: routes,
    shield: new ShieldWatch({
      ...{ database, clock, logger, routes, log: shadow },
      modes: { ...shield, detection: detection.mode },
    }),
  }
}

/** Opens the database that the configuration names; nothing in it is changed. */
export function openConfigured({ clock, database, logger, random }: Config): Promise<Database> {
  const { kysely, pool, poolSize, schema, tablePrefix, url } = database
  return openDatabase({
    ...{ tablePrefix, poolSize, clock, logger, random },
    ...(url ? { url: url.reveal() } : {}),
    ...(pool ? { pool } : {}),
    ...(kysely ? { kysely } : {}),
    ...(schema === undefined ? {} : { schema }),
  })
}

/** Only a development server keeps mails for reading, and only while no other way out is set. */
export function wantsMailbox({ mail, mode }: Config): boolean {
  return mode === 'development' && !mail.mailer && !mail.smtpUrl
}

function configuredMailer({ logger, mail }: Config): Mailer {
  if (mail.mailer) return mail.mailer
  if (mail.smtpUrl) return smtpMailer({ url: mail.smtpUrl.reveal(), logger })
  return { send: () => Promise.reject(mailErrors.mail_server_unavailable()) }
}

/** Undefined where exact limits count in SQL. Nothing is connected yet. */
async function limitsDriver({ limits, valkey }: Config): Promise<ValkeyDriver | undefined> {
  return valkey && limits.store !== 'sql' ? valkeyDriver(valkey.url.reveal()) : undefined
}

function captchaParts(config: Config, keyring: Keyring, database: Database) {
  const { clock, logger, random } = config
  const spentChallenges = new SpentChallenges({ clock, database })
  const captcha = createCaptcha({
    ...{ clock, logger, random },
    settings: config.captcha,
    key: keyring.derive('captcha'),
    hosts: widgetHosts(config.baseUrl, config.cors.origins),
    spent: spentChallenges,
  })
  return { captcha, spentChallenges }
}

function guessingParts(
  { clock, lockout: rules, random }: Config,
  base: Pick<Ground, 'keyring' | 'database' | 'recorder'>,
) {
  const { database, keyring, recorder } = base
  const hashKey = keyring.derive('throttle')
  const guessRefusals = new GuessRefusals({ clock, hashKey, recorder })
  return {
    guessRefusals,
    throttle: new Throttle({ database, clock, rules, hashKey, refusals: guessRefusals }),
    devices: new Devices({ database, recorder, clock, random }),
  }
}

function passwordParts({ appName, baseUrl, clock, logger, password, random }: Config) {
  const { breaches, pepper } = password
  const keys = Object.entries(pepper?.keys ?? {})
  return {
    hasher: new PasswordHasher({
      ...{ clock, random },
      memoryKiB: password.memoryKiB,
      passes: password.passes,
      parallelism: password.parallelism,
      maxWaitMs: password.maxWaitMs,
      concurrency: password.concurrency ?? defaultHashConcurrency(),
      ...(pepper
        ? {
            pepper: {
              current: pepper.current,
              keys: new Map(keys.map(([id, key]) => [id, key.bytes()])),
            },
          }
        : {}),
    }),
    policy: new PasswordPolicy({
      ...{ clock, logger },
      minLength: password.minLength,
      maxLength: password.maxLength,
      minScore: password.minScore,
      serviceWords: [appName, new URL(baseUrl).hostname],
      ...(breaches.source === 'hibp'
        ? { breaches: new HibpBreaches({ ...breaches, clock, logger }) }
        : {}),
    }),
  }
}
