import { accessErrors } from '../../access/index.ts'
import { commonErrors, type ErrorFactory, SecurityError } from '../../errors/index.ts'
import { bodyErrors } from '../../http/index.ts'

/** Statuses that libraries throw, and our word for each. */
const byStatus: Readonly<Record<number, ErrorFactory>> = Object.freeze({
  401: accessErrors.authentication_required,
  403: accessErrors.forbidden,
  404: commonErrors.not_found,
  405: commonErrors.method_not_allowed,
  408: bodyErrors.body_timeout,
  413: bodyErrors.body_too_large,
  415: bodyErrors.unsupported_media_type,
})

/**
 * What the world may know of something thrown by the app or its libraries. A `status` of 4xx is kept
 * without the error's own text; everything else is a bare `internal_error`.
 */
export function problemOf(thrown: unknown): SecurityError {
  if (thrown instanceof SecurityError) return thrown
  const status = statusOf(thrown)
  if (status === undefined) return commonErrors.internal_error({ cause: thrown })
  const known = byStatus[status]
  if (known) return known({ cause: thrown })
  const { title } = commonErrors.$table.invalid_request
  const detail = 'The request could not be read.'
  return new SecurityError('invalid_request', { status, title, detail }, { cause: thrown })
}

/**
 * The refusal that stands for something that broke while a request was being decided: a decision of
 * ours keeps its status, whatever else was thrown is 503, because nothing was decided.
 */
export function refusalOf(thrown: unknown): SecurityError {
  if (thrown instanceof SecurityError && thrown.status !== 500) return thrown
  return commonErrors.unavailable({ retryAfter: 1, cause: thrown })
}

function statusOf(thrown: unknown): number | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  const { status, statusCode } = thrown as { status?: unknown; statusCode?: unknown }
  const stated = status ?? statusCode
  return typeof stated === 'number' && stated >= 400 && stated < 500 ? stated : undefined
}
