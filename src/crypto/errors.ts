import { defineErrors } from '../errors/index.ts'

/** Problems of the cryptographic room. */
export const cryptoErrors = defineErrors({
  sealed_unreadable: {
    status: 500,
    title: 'Stored data unreadable',
    detail: 'Something stored could not be opened. The request id helps us to find it.',
  },
  master_key_invalid: {
    status: 500,
    title: 'Master key invalid',
    detail:
      'The master key must be at least 32 random bytes, written as base64, base64url or hex. Make one with: openssl rand -base64 32',
  },
  password_queue_full: {
    status: 503,
    title: 'Too many sign-ins at once',
    detail: 'The server is checking as many passwords as it can. Try again shortly.',
  },
})
