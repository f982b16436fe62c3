import type { TestNode } from '../nodes/nodes.ts'

/** What a person can show: a native client's tokens, a page's session, a browser's refresh cookie. */
export interface Credentials {
  readonly bearer: string
  readonly refreshToken: string
  readonly sessionCookie: string
  readonly csrfToken: string
  readonly refreshCookie: string
  readonly sessionIds: readonly string[]
}

const transports = ['body', 'session', 'cookie'] as const
type Transport = (typeof transports)[number]
type Login = Awaited<ReturnType<TestNode['post']>>

/** Somebody with a role, who signs in again where a request of hers has ended her sessions. */
export class Person {
  readonly email: string
  readonly #node: TestNode
  readonly #password: string
  readonly #logins = new Map<Transport, Login>()

  constructor(node: TestNode, who: { readonly email: string; readonly password: string }) {
    this.#node = node
    this.#password = who.password
    this.email = who.email
  }

  /** What she shows; signs in where that is due. */
  async credentials(): Promise<Credentials> {
    const [native, page, browser] = [
      await this.#login('body'),
      await this.#login('session'),
      await this.#login('cookie'),
    ]
    return {
      bearer: native.json.accessToken,
      refreshToken: native.json.refreshToken,
      sessionCookie: cookieOf(page.headers, '__Host-hf_session'),
      csrfToken: page.json.csrfToken,
      refreshCookie: cookieOf(browser.headers, '__Host-hf_refresh'),
      sessionIds: [native, page, browser].map(({ json }) => json.sessionId),
    }
  }

  /** Notes that the session she came by is over, or all others are. */
  forget(which: Transport | 'all'): void {
    for (const one of transports) if (which === 'all' || which === one) this.#logins.delete(one)
  }

  async #login(transport: Transport): Promise<Login> {
    const known = this.#logins.get(transport)
    if (known) return known
    const body = { email: this.email, password: this.#password, transport }
    const answer = await this.#node.post('/auth/login', body)
    if (answer.json?.status !== 'signed_in') throw new Error(`${this.email}: ${answer.text}`)
    this.#logins.set(transport, answer)
    return answer
  }
}

function cookieOf(headers: Headers, name: string): string {
  const pair = headers.getSetCookie().find((cookie) => cookie.startsWith(`${name}=`))
  return pair?.slice(name.length + 1).split(';')[0] ?? ''
}
