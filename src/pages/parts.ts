import type { Database } from '../database/index.ts'
import type { Devices } from '../devices/index.ts'
import type { Enrolment } from '../enrolment/index.ts'
import type { SecurityError } from '../errors/index.ts'
import type { Factors } from '../factors/index.ts'
import type { Exchange } from '../http/index.ts'
import type { Organisations } from '../organisations/index.ts'
import type { PasswordProof } from '../passwords/index.ts'
import type { Captcha, Clock } from '../ports/index.ts'
import type { Recovery } from '../recovery/index.ts'
import type { SessionCookies, Sessions, SignOutParts } from '../sessions/index.ts'
import type { StepUpRule } from '../shield/index.ts'
import type { SignIn } from '../sign-in/index.ts'
import type { SignUp, Verification } from '../sign-up/index.ts'
import type { Frame } from './layout.ts'
import { type PageLanguage, textsOf } from './texts.ts'

/** What the pages of an account stand on. */
export interface AccountPageParts {
  readonly signUp: Pick<SignUp, 'register' | 'resend'>
  readonly verification: Pick<Verification, 'inspect' | 'verify'>
  readonly signIn: Pick<
    SignIn,
    | 'withPassword'
    | 'withFactor'
    | 'withPasskey'
    | 'flowView'
    | 'endFlow'
    | 'enrolTotpSetup'
    | 'enrolTotp'
    | 'enrolPasskey'
  >
  readonly enrolment: Pick<
    Enrolment,
    | 'overview'
    | 'beginTotp'
    | 'enableTotp'
    | 'disableTotp'
    | 'newRecoveryCodes'
    | 'addPasskey'
    | 'renamePasskey'
    | 'removePasskey'
  >
  readonly factors: Pick<Factors, 'methods'>
  readonly recovery: Pick<
    Recovery,
    | 'forgot'
    | 'inspect'
    | 'reset'
    | 'changePassword'
    | 'changeEmail'
    | 'confirmEmail'
    | 'undoEmail'
    | 'report'
    | 'close'
    | 'exportData'
    | 'stepUp'
  >
  readonly organisations: Pick<Organisations, 'acceptInvitation' | 'inspectInvitation'>
  readonly proof: Pick<PasswordProof, 'prove'>
  readonly captcha: Captcha | undefined
  /** Where a new challenge is fetched. */
  readonly captchaPath: string
  /** Headers of a page that shows a third party's widget; undefined where none is shown. */
  readonly challengeHeaders: ((nonce: string) => Readonly<Record<string, string>>) | undefined
  readonly devices: Pick<Devices, 'list' | 'forget'>
  readonly sessions: Pick<Sessions, 'list' | 'claim' | 'endOwn' | 'endOthers'> &
    SignOutParts['sessions']
  readonly cookies: Pick<
    SessionCookies,
    | 'set'
    | 'renew'
    | 'clear'
    | 'devices'
    | 'deviceCookie'
    | 'flow'
    | 'flowCookie'
    | 'step'
    | 'stepCookie'
    | 'clearBegun'
  > &
    SignOutParts['cookies']
  readonly csrfToken: (sessionId: string) => string
  /** Judges by its headers a request whose credential is a cookie that no step has judged. */
  readonly checkCookieRequest: (exchange: Exchange, sessionId: string) => SecurityError | undefined
  readonly database: Database
  readonly clock: Clock
  readonly appName: string
  /** Own origin; redirects stay on it. */
  readonly baseUrl: string
  /** First segment of all pages, for example `/account`. */
  readonly path: string
  /** Where the API stands that gives scripts the options of a passkey, for example `/auth`. */
  readonly authPath: string
  /** How recent a proof has to be for what matters. */
  readonly stepUpMs: number
  /** For how long a browser may be trusted; undefined where none is. */
  readonly trustMs: number | undefined
  readonly registration: 'open' | 'invite' | 'closed'
  /** Shown as a hint; the policy decides. */
  readonly passwordMinLength: number
  /** How long a closed account can be opened again. */
  readonly eraseAfterMs: number
  /** How long a change of address can be undone. */
  readonly undoMs: number
  readonly language: PageLanguage
}

/** What every page of this request shares. */
export function frameOf(parts: AccountPageParts, exchange: Exchange): Frame {
  const { auth, nonce } = exchange.state
  return {
    appName: parts.appName,
    texts: textsOf(parts.language),
    ...(nonce === undefined ? {} : { nonce }),
    ...(auth ? { csrf: parts.csrfToken(auth.sessionId) } : {}),
  }
}

/** What counts as a fresh proof now. */
export function freshness({ clock, stepUpMs }: AccountPageParts): StepUpRule {
  return { now: clock.now(), withinMs: stepUpMs }
}
