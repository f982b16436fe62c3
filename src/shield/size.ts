import { defineErrors, type SecurityError } from '../errors/index.ts'
import { bodyErrors, declaredLength, type RequestHeaders } from '../http/index.ts'

export const sizeErrors = defineErrors({
  target_too_long: {
    status: 414,
    title: 'Address too long',
    detail: 'The path and query of the request are longer than this server reads.',
  },
})

export interface SizeLimits {
  /** Most bytes of any body this server takes; routes may take less. */
  readonly bodyBytes: number
  /** Most characters of path and query together. */
  readonly targetLength: number
}

export interface SizeFacts {
  readonly path: string
  readonly query: string
  readonly headers: RequestHeaders
}

/**
 * Refuses what announces itself as too large before anything is read: 414 for the address, 413 for a
 * Content-Length. Headers that are too large are refused by Node itself with 431. Returns the error,
 * or undefined.
 */
export function checkSize(
  { path, query, headers }: SizeFacts,
  limits: SizeLimits,
): SecurityError | undefined {
  if (path.length + query.length > limits.targetLength) return sizeErrors.target_too_long()
  if ((declaredLength(headers) ?? 0) <= limits.bodyBytes) return undefined
  return bodyErrors.body_too_large({ headers: { connection: 'close' } })
}
