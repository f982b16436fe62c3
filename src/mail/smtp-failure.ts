import type { SecurityError } from '../errors/index.ts'
import { mailErrors } from './errors.ts'

/** What nodemailer tells about a failure; any of it may be missing. */
interface SmtpFault {
  readonly code?: unknown
  /** The SMTP command that failed. */
  readonly command?: unknown
  /** The SMTP reply code (RFC 5321 section 4.2). */
  readonly responseCode?: unknown
}

/** Replies that tell about us or our settings, not about this mail (RFC 4954 section 6). */
const aboutUs = new Set([421, 454, 503, 530, 534, 535, 538])
const ownRefusals = new Set(['EENVELOPE', 'EMESSAGE'])

/**
 * Sorts a failed delivery into `mail_rejected` (this mail will never be taken), `mail_deferred` (try
 * this mail later) and `mail_server_unavailable` (no mail can be sent now). The private cause holds
 * codes only: replies in words may name the recipient, and AUTH lines a password.
 *
 * @param handedOver the whole mail was sent; without an answer nobody knows whether it arrived, so
 *   it counts as an attempt of this mail.
 */
export function smtpFailure(thrown: unknown, handedOver: boolean): SecurityError {
  const { code, command, responseCode } = toFault(thrown)
  const reply = typeof responseCode === 'number' ? responseCode : undefined
  const cause = Object.assign(new Error('SMTP delivery failed'), {
    code: [code, command, reply].filter((part) => part !== undefined).join(' '),
  })
  return mailErrors[sortFault({ code, command, reply, handedOver })]({ cause })
}

interface SortedFault {
  readonly code: unknown
  readonly command: unknown
  readonly reply: number | undefined
  readonly handedOver: boolean
}

function sortFault(
  fault: SortedFault,
): 'mail_rejected' | 'mail_deferred' | 'mail_server_unavailable' {
  const { code, command, reply, handedOver } = fault
  if (reply === undefined) {
    if (ownRefusals.has(String(code))) return 'mail_rejected'
    return handedOver ? 'mail_deferred' : 'mail_server_unavailable'
  }
  const aboutMail = (command === 'RCPT TO' || command === 'DATA') && !aboutUs.has(reply)
  if (!aboutMail) return handedOver ? 'mail_deferred' : 'mail_server_unavailable'
  return reply >= 500 ? 'mail_rejected' : 'mail_deferred'
}

function toFault(thrown: unknown): SmtpFault {
  return typeof thrown === 'object' && thrown !== null ? thrown : {}
}
