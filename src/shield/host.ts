export interface HostFacts {
  readonly method: string
  /** The Host header; it is compared and never used. */
  readonly host: string | undefined
  /** As sent; begins with `/`. */
  readonly path: string
  readonly query: string
  /** Origin of `baseUrl`. */
  readonly ownOrigin: string
}

const loopbackNames: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]'])

/**
 * Where a browser should go that opened a page by a loopback address although `baseUrl` is
 * `http://localhost`: cookies and passkeys belong to the name. Undefined for everything else. The
 * answer is built from `baseUrl` alone, so a forged Host leads nowhere but home.
 */
export function localhostRedirect(facts: HostFacts): string | undefined {
  if (facts.method !== 'GET' && facts.method !== 'HEAD') return undefined
  const own = new URL(facts.ownOrigin)
  if (own.hostname !== 'localhost' || !loopbackNames.has(hostName(facts.host))) return undefined
  return `${own.origin}${facts.path}${facts.query === '' ? '' : `?${facts.query}`}`
}

function hostName(host: string | undefined): string {
  return (host ?? '').replace(/:\d{1,5}$/, '')
}
