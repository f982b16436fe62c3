import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { listener } from '../../src/adapters/node/index.ts'
import type { SecurityOptions } from '../../src/index.ts'
import { createTestSecurity, type TestSecurity } from '../../src/testing/index.ts'

export interface Site extends TestSecurity {
  /** Origin, `http://localhost:PORT`. */
  readonly url: string
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Posts a form and follows no redirect. */
  post(path: string, fields: Fields, headers?: Readonly<Record<string, string>>): Promise<Response>
}

export type Fields = Readonly<Record<string, string>>

/** Holdfast alone, served by node:http on localhost, with an app page at `/app`. */
export async function openSite(options: Partial<SecurityOptions> = {}): Promise<Site> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  const test = await createTestSecurity({ baseUrl: url, appName: 'Lantern & Sons', ...options })
  server.on(
    'request',
    listener(test.security, (_request, response, { auth }) => {
      response.setHeader('content-type', 'text/plain').end(auth ? 'inside' : 'outside')
    }),
  )
  return {
    ...test,
    url,
    get: (path, headers = {}) => fetch(url + path, { headers, redirect: 'manual' }),
    post: (path, fields, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers,
        body: new URLSearchParams(fields),
        redirect: 'manual',
      }),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await test.close()
    },
  }
}

export const password = 'lantern marble orchard 41'

/** Registers and confirms through the pages. */
export async function becomeMember(site: Site, email: string, more: Fields = {}): Promise<void> {
  await site.post('/account/register', { email, password, ...more })
  await site.deliverMail()
  await site.post('/account/verify', { token: site.mailbox.latestToken(email) })
}

/** Signs in and gives the Cookie header of the session. */
export async function signIn(site: Site, identifier: string): Promise<string> {
  const response = await site.post('/account/sign-in', { identifier, password })
  const set = response.headers.getSetCookie()
  const cookies = set.filter((cookie) => !cookie.includes('; Max-Age=0;'))
  return cookies.map((cookie) => cookie.slice(0, cookie.indexOf(';'))).join('; ')
}

/** The value of a hidden field. */
export function hiddenField(html: string, name: string): string {
  const value = new RegExp(`<input type="hidden" name="${name}" value="([^"]*)">`).exec(html)?.[1]
  if (value === undefined) throw new Error(`the page has no hidden field ${name}`)
  return value
}
