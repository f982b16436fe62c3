import { fetchErrors } from './errors.ts'
import { type FetchRules, readFetchOptions, type SafeFetchOptions } from './options.ts'
import { type ReadyRequest, readRequest, redirected, type SafeRequest } from './request.ts'
import { failed, isRedirect, type RawResponse, send } from './send.ts'
import { judgeTarget, refused } from './target.ts'

/** An answer, read to its end. */
export interface SafeResponse {
  readonly status: number
  readonly headers: Headers
  /** Where it came from, after redirects. */
  readonly url: string
  readonly body: Uint8Array
  /** The body as UTF-8. */
  text(): string
  /** The body as JSON; throws `fetch_failed` when it is none. */
  json(): unknown
}

/**
 * Fetches from somebody else's server. Any status is an answer. Rejects with `fetch_refused`,
 * `fetch_failed`, `fetch_too_large` or `fetch_timeout`, none of which says what answered where; the `cause` of
 * the first two does, for developers and the log alone.
 */
export type SafeFetch = (url: string | URL, request?: SafeRequest) => Promise<SafeResponse>

/**
 * Makes a fetch for addresses that somebody else chose: web hooks, avatars, previews, metadata. Only
 * HTTPS (and HTTP by choice) to the public internet: private, loopback, link-local and metadata addresses
 * are refused in every spelling, of names too, and after every redirect; the connection goes to the very
 * addresses that were checked. Body, time and redirects are bounded. Throws `fetch_invalid` for options
 * that cannot be.
 */
export function createSafeFetch(options: SafeFetchOptions = {}): SafeFetch {
  const rules = readFetchOptions(options)
  return async (address, request = {}) => {
    const url = URL.parse(String(address))
    const ready = readRequest(request)
    if (!url) throw refused('address')
    const deadline = startDeadline(rules)
    try {
      return await follow(url, ready, { rules, deadline })
    } finally {
      deadline.end()
    }
  }
}

interface Following {
  readonly rules: FetchRules
  readonly deadline: Deadline
}

async function follow(
  first: URL,
  request: ReadyRequest,
  { deadline, rules }: Following,
): Promise<SafeResponse> {
  let url = first
  let next = request
  for (let hops = 0; hops <= rules.redirects; hops += 1) {
    const { signal } = deadline
    const target = await deadline.race(judgeTarget(url, rules, signal))
    const answer = await deadline.race(send(target, { request: next, rules, signal }))
    if (!isRedirect(answer)) return responseOf(answer, url)
    const to = URL.parse(answer.headers.get('location') ?? '', url)
    if (!to) throw refused('redirect-address')
    const again = redirected(next, { status: answer.status, from: url, to })
    if (typeof again === 'string') throw refused(again)
    url = to
    next = again
  }
  throw failed('redirects')
}

interface Deadline {
  readonly signal: AbortSignal
  /** For what cannot be told to stop, such as a resolver. */
  race<T>(work: Promise<T>): Promise<T>
  end(): void
}

function startDeadline({ clock, timeoutMs }: FetchRules): Deadline {
  const controller = new AbortController()
  const late = Promise.withResolvers<never>()
  late.promise.catch(() => {})
  const timer = clock.after(timeoutMs, () => {
    controller.abort()
    late.reject(fetchErrors.fetch_timeout())
  })
  return {
    signal: controller.signal,
    race: (work) => Promise.race([work, late.promise]),
    end: () => timer.cancel(),
  }
}

function responseOf({ body, headers, status }: RawResponse, url: URL): SafeResponse {
  const text = () => new TextDecoder().decode(body)
  return {
    ...{ status, headers, body, text, url: url.href },
    json: () => {
      try {
        return JSON.parse(text())
      } catch (cause) {
        throw failed('json', cause)
      }
    },
  }
}
