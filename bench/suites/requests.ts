import type { Column } from '../harness/report.ts'
import type { LoadRequest } from '../harness/wrk.ts'

/** What browsers send with every request, so that headers are parsed as in life. */
const usual = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  accept: 'application/json',
  'accept-language': 'en-GB,en;q=0.5',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
} as const

/** A GET of the guarded route with these credentials. */
export function getOrders(headers: Readonly<Record<string, string>>): LoadRequest {
  return { path: '/orders', headers: { ...usual, ...headers } }
}

/** One request a token. */
export function withTokens(tokens: readonly string[]): readonly LoadRequest[] {
  return tokens.map((token) => getOrders({ authorization: `Bearer ${token}` }))
}

/** One request a session of Better Auth. */
export function withCookies(details: unknown): readonly LoadRequest[] {
  const { cookies } = details as { readonly cookies: readonly string[] }
  return cookies.map((cookie) => getOrders({ cookie }))
}

/** The columns of every bench of servers. */
export const serverColumns: readonly Column[] = [
  { metric: 'cpuUs', title: 'CPU us/request', digits: 1 },
  { metric: 'perSecond', title: 'requests/s', digits: 0 },
  { metric: 'bytes', title: 'heap bytes/request', digits: 0 },
]
