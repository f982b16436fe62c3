import type { Auth } from '../../http/index.ts'
import { guardErrors } from '../node/errors.ts'
import { beforeAnswer } from './before-answer.ts'
import { setCaller } from './caller.ts'
import type { Asking } from './decide.ts'
import { refuse } from './refuse.ts'
import { RowWatch } from './row-watch.ts'
import type { Parts } from './types.ts'
import { pathOf } from './unprotected.ts'

/**
 * Expects of the handler of a `rows` guard that it asks which rows its caller may touch. An answer of
 * one that did not is lost in development, where somebody is there to mend it, and told of in the log
 * once for each guard everywhere. In production it leaves all the same: not every answer that asked
 * nothing shows rows, and a check in the way of all bytes has no place there.
 */
export class RowsExpected {
  readonly #parts: Parts
  #told = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  expect(permission: string, auth: Auth, at: Asking): void {
    const { rowWatches } = this.#parts
    const known = rowWatches.get(at.exchange)
    const watch = known ?? new RowWatch()
    watch.expect(permission)
    if (known) return
    rowWatches.set(at.exchange, watch)
    setCaller(this.#parts, at, auth)
    this.#follow(watch, at)
  }

  #follow(watch: RowWatch, at: Asking): void {
    const { response } = at
    if (this.#parts.security.config.mode === 'development') {
      beforeAnswer(response, {
        fits: (status) => !isSuccess(status) || watch.unasked === undefined,
        replace: () => {
          this.#tell(watch, at)
          refuse(this.#parts, at, guardErrors.rows_unchecked())
        },
      })
    } else {
      response.once('finish', () => {
        if (isSuccess(response.statusCode) && watch.unasked !== undefined) this.#tell(watch, at)
      })
    }
  }

  #tell({ unasked }: RowWatch, { exchange, request }: Asking): void {
    if (this.#told) return
    this.#told = true
    this.#parts.security.config.logger.error('a handler has not asked which rows it may show', {
      method: request.method,
      path: pathOf(request),
      permission: unasked,
      requestId: exchange.requestId,
      fix: `filter with req.auth.rows('${unasked}') before answering, or take rows away from the guard`,
    })
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}
