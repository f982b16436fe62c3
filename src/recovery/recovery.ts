import type { Origin } from '../events/index.ts'
import type { Auth } from '../http/index.ts'
import type { RenewedSecret } from '../sessions/index.ts'
import { type Asker, findUserById } from '../users/index.ts'
import { EmailChange } from './change-email.ts'
import { PasswordChange } from './change-password.ts'
import { Closing } from './close.ts'
import { type AccountExport, exportData } from './export.ts'
import { linkAccountOf } from './link-account.ts'
import { RecoveryMails } from './mails.ts'
import type { RecoveryParts } from './parts.ts'
import { Report } from './report.ts'
import type {
  EmailChangeRequest,
  LinkInspection,
  LinkRequest,
  OwnerRequest,
  PasswordChangeRequest,
  ResetRequest,
  StepUp,
  StepUpOptionsRequest,
  StepUpRequest,
} from './requests.ts'
import { PasswordReset } from './reset.ts'
import { StepUps } from './step-up.ts'
import type { LinkPurpose } from './table.ts'

/**
 * Ways back into an account, and the changes its owner makes to it. Every bad link is refused with the
 * same `link_invalid`; every wrong current password with `password_wrong`. Where the account has a
 * second factor, what asks for the current password asks for a fresh proof of level 2 as well, else
 * `step_up_required`.
 */
export class Recovery {
  readonly #parts: RecoveryParts
  readonly #reset: PasswordReset
  readonly #password: PasswordChange
  readonly #email: EmailChange
  readonly #report: Report
  readonly #closing: Closing
  readonly #stepUps: StepUps

  /** @internal made by `createSecurity` */
  constructor(parts: RecoveryParts) {
    const mails = new RecoveryMails(parts)
    this.#parts = parts
    this.#reset = new PasswordReset(parts, mails)
    this.#password = new PasswordChange(parts)
    this.#email = new EmailChange(parts, mails)
    this.#report = new Report(parts, mails)
    this.#closing = new Closing(parts, mails)
    this.#stepUps = new StepUps(parts)
  }

  /**
   * Mails a link for a new password to the stored address of an account; resolves in the same way for
   * every address. Throws `email_*`, and `rate_limited` for a client that asks too much.
   * @param asker the client's key, or it with the realm that the account is of
   */
  forgot(email: string, origin: Origin, asker: Asker | string): Promise<void> {
    return this.#reset.forgot(email, origin, asker)
  }

  /**
   * Looks at a link without using it: mail scanners open links, so a GET changes nothing.
   * @param realm where it is opened; by default where mails lead
   */
  async inspect(
    token: string,
    purposes: readonly LinkPurpose[],
    realm?: string,
  ): Promise<LinkInspection> {
    const link = await this.#parts.links.find(token, purposes, realm)
    if (!link) return { usable: false }
    const { email, purpose, user_id: userId } = link
    if (purpose !== 'change_email') return { usable: true, purpose, email }
    const user = await findUserById(this.#parts.database.reader, userId)
    return user ? { usable: true, purpose, email, account: linkAccountOf(user) } : { usable: false }
  }

  /**
   * Sets a password with a mailed link, ends every session and lifts a lockout by guesses; an
   * administrator's lock stays. Answers a token for the device cookie of the browser that did it, worth
   * nothing but its own lane of guesses. Throws `link_invalid`, or `weak_password`, after which the link
   * works still.
   */
  reset(request: ResetRequest): Promise<string> {
    return this.#reset.reset(request)
  }

  /**
   * Replaces the password and ends all other sessions; gives the new secret of this one. Throws
   * `password_wrong`, `weak_password`, `account_changed`.
   */
  changePassword(request: PasswordChangeRequest): Promise<RenewedSecret> {
    return this.#password.change(request)
  }

  /**
   * Mails a link to a new address; resolves in the same way when it is taken. Throws
   * `password_wrong`, `email_*`, `rate_limited`.
   */
  changeEmail(request: EmailChangeRequest): Promise<void> {
    return this.#email.request(request)
  }

  /** Makes the new address that its link proves the account's. Throws `link_invalid`. */
  confirmEmail(request: LinkRequest): Promise<void> {
    return this.#email.confirm(request)
  }

  /** Puts the address before back and locks the account as `report` does. Throws `link_invalid`. */
  undoEmail(request: LinkRequest): Promise<void> {
    return this.#report.undoEmail(request)
  }

  /**
   * "This was not me": ends every session, blocks the password, locks the account for a day and mails
   * the link that sets a new password and opens it. Throws `link_invalid`.
   */
  report(request: LinkRequest): Promise<void> {
    return this.#report.report(request)
  }

  /** Closes the account of a session. Throws `password_wrong`, `last_super_admin`. */
  close(request: OwnerRequest): Promise<void> {
    return this.#closing.close(request)
  }

  /** What is kept of the account of a session; the newest 1,000 sessions and 500 records each way. */
  exportData(request: { readonly auth: Auth; readonly origin: Origin }): Promise<AccountExport> {
    return exportData(this.#parts, request)
  }

  /**
   * Takes another proof of who is behind a session, and raises the session: its age, its factors, its
   * level. By the password where no second factor is enrolled, else by one of those; the password
   * alone is then answered with `step_up_required`, which names the `methods`. Throws `password_wrong`,
   * or the one `factor_rejected` for whatever is wrong with a second factor.
   */
  stepUp(request: StepUpRequest): Promise<StepUp> {
    return this.#stepUps.stepUp(request)
  }

  /** What a passkey has to sign for a step-up. Throws `factor_rejected` where there is none. */
  stepUpOptions(
    request: StepUpOptionsRequest,
  ): Promise<{ readonly options: Readonly<Record<string, unknown>> }> {
    return this.#stepUps.options(request)
  }

  /**
   * The job that forgets links whose time is over.
   * @internal run by its job
   */
  sweep(signal?: AbortSignal): Promise<void> {
    return this.#parts.links.sweep(signal)
  }
}
