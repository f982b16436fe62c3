import { commonErrors } from './common.ts'
import { type FieldFault, SecurityError } from './error.ts'

/** An RFC 9457 problem document, with the members of Holdfast. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  /** Equal to `title`, for front ends that show `data.error`. */
  readonly error: string
  readonly errors?: readonly FieldFault[]
  readonly retryAfter?: number
  readonly requestId?: string
  readonly [member: string]: unknown
}

/** A problem with what its HTTP answer needs beside it. */
export interface ProblemAnswer {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Problem
}

/**
 * The only translator from a thrown value to an answer. Whatever is not a SecurityError becomes
 * `internal_error`: its message and stack never leave the process.
 */
export function toProblem(thrown: unknown, requestId?: string): ProblemAnswer {
  const error =
    thrown instanceof SecurityError ? thrown : commonErrors.internal_error({ cause: thrown })
  const { faults, retryAfter, headers, members } = error.extras
  const body: Problem = {
    ...members,
    type: `urn:holdfast:problem:${error.code}`,
    title: error.title,
    status: error.status,
    detail: error.detail,
    code: error.code,
    error: error.title,
    ...(faults ? { errors: faults } : {}),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(requestId ? { requestId } : {}),
  }
  return {
    status: error.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      ...headers,
    },
    body,
  }
}
