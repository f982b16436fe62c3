import type { ServerResponse } from 'node:http'

const ways = ['writeHead', 'write', 'end', 'flushHeaders'] as const
type Way = (typeof ways)[number]
type Method = (...values: unknown[]) => unknown

/** What is asked of an answer before its first byte leaves. */
export interface AnswerCheck {
  /** False for an answer that must not leave. */
  fits(status: number): boolean
  /** Answers instead. */
  replace(): void
}

/**
 * Puts a check before whatever sends the head of a response first. An answer that fits leaves as if
 * nothing stood here, streams included; of one that does not, every byte is dropped, and the handler
 * that writes it notices nothing.
 */
export function beforeAnswer(response: ServerResponse, check: AnswerCheck): void {
  const methods = response as unknown as Record<Way, Method>
  const before = ways.map((way) => [way, Object.hasOwn(response, way), methods[way]] as const)
  const restore = () => {
    for (const [way, own, method] of before) {
      if (own) methods[way] = method
      else Reflect.deleteProperty(response, way)
    }
  }
  const judge = (status: number): void => {
    restore()
    if (check.fits(status)) return
    check.replace()
    for (const way of ways) methods[way] = dropped(response, way)
  }
  for (const way of ways) {
    methods[way] = (...values) => {
      const [status] = values
      judge(way === 'writeHead' && typeof status === 'number' ? status : response.statusCode)
      return methods[way].apply(response, values)
    }
  }
}

/** Does nothing and says that it did, as streams expect. */
function dropped(response: ServerResponse, way: Way): Method {
  return (...values) => {
    const callback = values.findLast((value) => typeof value === 'function')
    if (callback) queueMicrotask(callback as () => void)
    return way === 'write' ? true : response
  }
}
