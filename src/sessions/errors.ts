import { defineErrors } from '../errors/index.ts'

const bearer = (error: string, text: string) =>
  Object.freeze({ 'www-authenticate': `Bearer error="${error}", error_description="${text}"` })

/** RFC 6750 challenges that go with the 401 answers below. */
export const challenges = Object.freeze({
  required: Object.freeze({ 'www-authenticate': 'Bearer' }),
  expired: bearer('invalid_token', 'The token has expired'),
  revoked: bearer('invalid_token', 'The session has ended'),
  invalid: bearer('invalid_token', 'The token is not valid'),
})

export const sessionErrors = defineErrors({
  token_expired: {
    status: 401,
    title: 'Token expired',
    detail: 'The token or its session has expired. Refresh it or sign in again.',
  },
  session_revoked: {
    status: 401,
    title: 'Session ended',
    detail: 'This session was ended. Sign in again.',
  },
  token_invalid: {
    status: 401,
    title: 'Token not valid',
    detail: 'The token is not one that this service issued for this purpose.',
  },
  session_not_found: {
    status: 404,
    title: 'Session not found',
    detail: 'You have no active session of this id.',
  },
  revocation_unconfirmed: {
    status: 503,
    title: 'Session state unconfirmed',
    detail: 'Whether this session is still valid cannot be confirmed right now. Try again shortly.',
  },
  master_key_wrong: {
    status: 500,
    title: 'Wrong master key',
    detail:
      'The data of this database was sealed under another master key. Start with the old key.',
  },
  transport_not_for_browsers: {
    status: 400,
    title: 'Transport not for browsers',
    detail: "The transport 'body' is for native clients. Browsers use 'cookie' or 'session'.",
  },
})
