import { defineErrors } from '../errors/index.ts'

/** Problems of the mail room. None is a client's fault; they reach logs and start-up messages. */
export const mailErrors = defineErrors({
  mail_malformed: {
    status: 500,
    title: 'Mail malformed',
    detail: 'A mail could not be written: an address, subject or link in it is not well-formed.',
  },
  mail_rejected: {
    status: 502,
    title: 'Mail rejected',
    detail: 'The mail server refused the mail for good.',
  },
  mail_deferred: {
    status: 503,
    title: 'Mail deferred',
    detail: 'The mail server could not take the mail now. It is tried again.',
  },
  mail_server_unavailable: {
    status: 503,
    title: 'Mail server unavailable',
    detail: 'The mail server cannot be reached, or refuses us. Mail waits and is tried again.',
  },
  smtp_url_invalid: {
    status: 500,
    title: 'Mail server address invalid',
    detail:
      'The mail server must be written smtp://user:password@host:587 or smtps://user:password@host:465, with ?tls=required, opportunistic or none as its only parameter. Characters such as @ or / in the password are percent-encoded.',
  },
  mail_driver_missing: {
    status: 500,
    title: 'Mail driver missing',
    detail: 'Mail over SMTP needs a package that is not installed. Run: npm install nodemailer',
  },
})
