import type { Access } from '../access/index.ts'
import type { UserAdministration } from '../admin/index.ts'
import type { CspReports } from '../csp/index.ts'
import type { Detector } from '../detection/index.ts'
import { Factors } from '../factors/index.ts'
import { UserImports } from '../imports/index.ts'
import type { Organisations } from '../organisations/index.ts'
import type { Recovery } from '../recovery/index.ts'
import {
  AccessTokens,
  Activity,
  Authenticator,
  SessionCookies,
  Sessions,
  SigningKeys,
  type Transport,
  Verdicts,
} from '../sessions/index.ts'
import { csrfToken } from '../shield/index.ts'
import { GuessBudget, SignIn } from '../sign-in/index.ts'
import { passwordTag, SignUp, Verification } from '../sign-up/index.ts'
import type { Uploads } from '../uploads/index.ts'
import type { HandledWebhook, WebhookDeliveries } from '../webhooks/index.ts'
import { type AccessRooms, demandingOfHeirs, wireAccess } from './access.ts'
import { wireAdministration } from './administration.ts'
import { type KeyRooms, wireApiKeys } from './api-keys.ts'
import { wireCsp } from './csp.ts'
import { wireDetection } from './detection.ts'
import { type EntranceRooms, wireEntrance } from './entrance.ts'
import type { Ground } from './ground.ts'
import { wireOrganisations } from './organisations.ts'
import { wireRecovery } from './recovery.ts'
import { type SecondFactors, wireSecondFactors } from './second-factors.ts'
import { type SignatureRooms, wireSignatures } from './signatures.ts'
import { wireUploads } from './uploads.ts'
import { wireWebhooks } from './webhooks.ts'

const tokenLeewayMs = 60_000

export interface Rooms extends SecondFactors, KeyRooms, EntranceRooms, AccessRooms, SignatureRooms {
  readonly keys: SigningKeys
  readonly tokens: AccessTokens
  readonly verdicts: Verdicts
  readonly activity: Activity
  readonly authenticator: Authenticator
  readonly cookies: SessionCookies
  readonly sessions: Sessions
  readonly signIn: SignIn
  readonly signUp: SignUp
  readonly verification: Verification
  readonly recovery: Recovery
  readonly users: UserAdministration
  readonly imports: UserImports
  readonly organisations: Organisations
  readonly csp: CspReports
  readonly detector: Detector
  readonly webhookDeliveries: WebhookDeliveries
  readonly uploads: Uploads
  readonly csrfToken: (sessionId: string) => string
}

/** Wires the rooms. Each gets what it needs and nothing more. */
export function wireRooms(start: Ground, webhooks: ReadonlyMap<string, HandledWebhook>): Rooms {
  const { access, customRoles } = wireAccess(start)
  const ground = demandingOfHeirs(start, access)
  const { recorder, config, database, hasher, policy, revocations } = ground
  const { clock, random } = config
  const session = wireSessions(ground, access)
  const absoluteMs = (transport: Transport) => config.sessions[transport].absoluteMs
  const { maxPerUser } = config.sessions
  const issuing = { recorder, revocations, clock, random, absoluteMs, maxPerUser }
  const { defaultRole } = config.access
  const tagKey = ground.keyring.derive('password-tag')
  const tagOf = (password: string) => passwordTag(tagKey, password)
  const { appName } = config
  const ways = wireEntrance(ground, { access, ...session })
  const factors = wireFactors(ground)
  const keys = wireApiKeys(ground, access)
  const second = wireSecondFactors(ground, { access, factors, ...session })
  const account = `${config.baseUrl}${config.paths.account}`
  const shared = { database, recorder, hasher, policy, access, clock, random, appName, defaultRole }
  return {
    ...{ access, customRoles },
    ...session,
    cookies: new SessionCookies({
      ...{ mode: config.cookies, absoluteMs },
      deviceKey: ground.keyring.derive('device-cookie'),
    }),
    ...second,
    signIn: new SignIn({
      ...{ ...second, mfa: config.mfa },
      ...{ database, recorder, hasher, issuing, access, clock, random },
      csrfToken: session.csrfToken,
      passwordTag: tagOf,
      tokens: session.tokens,
      budget: new GuessBudget(ground.limits, database),
      throttle: ground.throttle,
      devices: ground.devices,
      captcha: ground.captcha,
      captchaAfter: config.captcha.after,
    }),
    signUp: new SignUp({
      ...shared,
      outbox: ground.outbox,
      render: ground.renderMail,
      limits: ground.limits,
      registration: config.registration,
      metadata: config.registrationMetadata,
      passwordTag: tagOf,
      linkMs: config.links.verifyEmailMs,
      verifyPage: `${account}/verify`,
      signInPage: `${account}/sign-in`,
    }),
    verification: new Verification({ ...shared, limits: ground.limits }),
    recovery: wireRecovery(ground, { access, ...keys, ...session, ...second }),
    organisations: wireOrganisations(ground, access),
    csp: wireCsp(ground),
    detector: wireDetection(ground),
    webhookDeliveries: wireWebhooks(ground, webhooks),
    ...ways,
    ...keys,
    ...wireSignatures(ground),
    uploads: wireUploads(ground),
    users: wireAdministration(ground, { access, ...keys, ...ways, ...session, ...second }),
    imports: new UserImports({
      ...{ ...shared, factors, keys: keys.keyImports },
      lineKey: ground.keyring.derive('imports'),
    }),
  }
}

function wireFactors({ config, database, keyring, throttle }: Ground): Factors {
  const { appName: issuer, clock, random, totp } = config
  return new Factors({ database, keyring, throttle, clock, random, issuer, future: totp.future })
}

function wireSessions(ground: Ground, access: Access) {
  const { recorder, config, database, devices, keyring, revocations } = ground
  const { clock, logger, random } = config
  const { hs256Key } = config.tokens
  const keys = new SigningKeys({
    ...{ database, keyring, random, clock, recorder },
    algorithm: config.tokens.algorithm,
    rotationMs: config.tokens.keyRotationMs,
    overlapMs: config.tokens.accessLifetimeMs + tokenLeewayMs,
    ...(hs256Key ? { sharedSecret: { id: hs256Key.id, secret: hs256Key.secret.bytes() } } : {}),
  })
  const tokens = new AccessTokens({
    ...{ keys, clock, random },
    issuer: config.baseUrl,
    audience: config.tokens.audience,
    lifetimeMs: config.tokens.accessLifetimeMs,
    ...(config.tokens.claims ? { extraClaims: config.tokens.claims } : {}),
  })
  const idleMs = (transport: Transport) => config.sessions[transport].idleMs
  const csrfKey = keyring.derive('csrf')
  const csrf = (sessionId: string) => csrfToken(csrfKey, sessionId)
  const { mfa } = config
  const verdicts = new Verdicts({ database, access, clock, idleMs, mfa, csrfToken: csrf })
  revocations.subscribe(verdicts)
  const activity = new Activity({ database, clock, logger })
  return {
    csrfToken: csrf,
    keys,
    tokens,
    verdicts,
    activity,
    authenticator: new Authenticator({ tokens, verdicts, activity, revocations, clock }),
    sessions: new Sessions({
      ...{ database, recorder, revocations, verdicts, clock, random },
      refreshKey: keyring.derive('refresh'),
      graceMs: config.sessions.refreshGraceMs,
      distrust: (trx, userId) => devices.distrustAll(trx, userId),
    }),
  }
}
