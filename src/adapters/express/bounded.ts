import type { ServerResponse } from 'node:http'
import type { Clock } from '../../ports/index.ts'

/** What a decision waits for at most. An answer later than this helps nobody, and its request holds memory. */
export const decisionDeadlineMs = 10_000

/** The client went away while its request was being decided: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

interface Waiting<T> {
  resolve(value: T): void
  reject(error: unknown): void
}

/**
 * What `work` resolves to. Rejects past the deadline, and with `ClientGone`
 * as soon as the response is closed. Either way `work` keeps hold of nothing of the request, and
 * what it still does is heard by nobody, rejections included.
 */
export function bounded<T>(
  work: PromiseLike<T>,
  response: ServerResponse,
  clock: Clock,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let waiting: Waiting<T> | undefined = { resolve, reject }
    const end = (act: (waiting: Waiting<T>) => void) => {
      const still = waiting
      if (!still) return
      waiting = undefined
      timer.cancel()
      response.off('close', gone)
      act(still)
    }
    const gone = () => end((still) => still.reject(new ClientGone()))
    const timer = clock.after(decisionDeadlineMs, () => end((still) => still.reject(overdue())))
    response.once('close', gone)
    if (response.closed) gone()
    Promise.resolve(work).then(
      (value) => end((still) => still.resolve(value)),
      (error: unknown) => end((still) => still.reject(error)),
    )
  })
}

function overdue(): Error {
  return new Error(`a guard waited longer than ${decisionDeadlineMs / 1_000} s for the app`)
}

/** Whether something has to be waited for. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value
    ? typeof value.then === 'function'
    : false
}
