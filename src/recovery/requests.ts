import type { Origin } from '../events/index.ts'
import type { Auth } from '../http/index.ts'
import type { RenewedSecret } from '../sessions/index.ts'
import type { LinkAccount } from './link-account.ts'
import type { LinkPurpose } from './table.ts'

/** Something done with a mailed link. */
export interface LinkRequest {
  readonly token: string
  readonly origin: Origin
  /** Where it is used; absent: where mails lead, which is at no isolated organisation. */
  readonly realm?: string | undefined
}

/** A new password, set with a link of purpose `reset`, `secure` or `invitation`. */
export interface ResetRequest extends LinkRequest {
  readonly password: string
  /** What limits count this client by: it has proven the mailbox, and its wrong guesses are forgotten. */
  readonly clientKey?: string | undefined
}

/** Something that the owner of an account does to it, having proven the password again. */
export interface OwnerRequest {
  readonly auth: Auth
  readonly currentPassword: string
  readonly origin: Origin
  /** Tokens of the device cookie: from a known device, copies of sessions hold no proof back. */
  readonly devices?: readonly string[] | undefined
}

/** A new password by an owner who knows the one before. */
export interface PasswordChangeRequest extends OwnerRequest {
  readonly password: string
}

/** Another address for the account of a session. */
export interface EmailChangeRequest extends OwnerRequest {
  readonly email: string
  /** What limits count this client by. */
  readonly clientKey: string
}

/** What a link can still be used for; for the page that shows its form. */
export interface LinkInspection {
  readonly usable: boolean
  readonly purpose?: LinkPurpose
  /** The address that the link was made for; whoever holds the link reads its mail. */
  readonly email?: string
  /** For a change of address: whose it would become the address of. */
  readonly account?: LinkAccount
}

/** Whose session is to be raised. */
export interface StepUpBase {
  readonly auth: Auth
  readonly origin: Origin
  /** Token of the flow cookie, or the user agent of a native client; what a passkey's challenge is bound to. */
  readonly browser?: string | undefined
  /** Tokens of the device cookie: from a known device, copies of sessions hold no proof back. */
  readonly devices?: readonly string[] | undefined
}

/** The password, where no second factor is enrolled. */
export interface PasswordStepUp extends StepUpBase {
  readonly method?: 'password' | undefined
  readonly currentPassword: string
}

/** A second factor: a code, or what a passkey signed. */
export type FactorStepUp = StepUpBase &
  (
    | { readonly method: 'totp' | 'recovery_code'; readonly code: string }
    | { readonly method: 'passkey'; readonly response: unknown }
  )

/** Another proof by the person of a session. */
export type StepUpRequest = PasswordStepUp | FactorStepUp

/** Who is to sign with a passkey, and in which browser. */
export interface StepUpOptionsRequest {
  readonly auth: Auth
  readonly browser: string
}

/** A session whose person proved again who they are. */
export interface StepUp {
  /** Epoch milliseconds of this proof. */
  readonly authTime: number
  readonly level: 1 | 2
  /** The session's new secret: copies of the one before do not take part in this proof. */
  readonly secret: RenewedSecret
  /** A token that says so; undefined for transport `session`. */
  readonly accessToken: string | undefined
  /** Seconds that it lives. */
  readonly expiresIn: number | undefined
}
