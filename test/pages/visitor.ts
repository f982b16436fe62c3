import { createHmac } from 'node:crypto'
import { SoftwareAuthenticator } from '../passkeys/authenticator.ts'
import { becomeMember, type Fields, hiddenField, password, type Site } from './site.ts'

/** A page as a test reads it. */
export interface SeenPage {
  readonly status: number
  readonly html: string
  /** Where it leads; empty where it is a page itself. */
  readonly location: string
  readonly headers: Headers
}

/** One browser without JavaScript: keeps cookies and says that its forms come from this site. */
export class Visitor {
  readonly site: Site
  readonly cookies = new Map<string, string>()

  constructor(site: Site) {
    this.site = site
  }

  async get(path: string): Promise<SeenPage> {
    return this.#seen(await this.site.get(path, this.#headers()))
  }

  async post(path: string, fields: Fields = {}): Promise<SeenPage> {
    return this.#seen(await this.site.post(path, fields, this.#headers()))
  }

  /** What a script of the page does. */
  async json(path: string, body: object = {}) {
    const answer = await fetch(this.site.url + path, {
      method: 'POST',
      headers: { ...this.#headers(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    this.#keep(answer)
    return { status: answer.status, json: (await answer.json()) as ReturnType<typeof JSON.parse> }
  }

  /** With the password; the page of the second step where one is asked for. */
  async signIn(identifier: string, next = '/app'): Promise<SeenPage> {
    const answer = await this.post('/account/sign-in', { identifier, password, next })
    const isOpen = /^\/account\/sign-in\/(code|enrol)\?/.test(answer.location)
    return isOpen ? this.get(answer.location) : answer
  }

  /** Whether it holds a session that counts. */
  async isSignedIn(): Promise<boolean> {
    return (await this.get('/app')).html === 'inside'
  }

  #headers(): Record<string, string> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return { 'sec-fetch-site': 'same-origin', ...(cookie === '' ? {} : { cookie }) }
  }

  async #seen(response: Response): Promise<SeenPage> {
    this.#keep(response)
    const { headers, status } = response
    return { status, headers, location: headers.get('location') ?? '', html: await response.text() }
  }

  #keep({ headers }: Response): void {
    for (const line of headers.getSetCookie()) {
      const [name = '', value = ''] = line.slice(0, line.indexOf(';')).split('=')
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
  }
}

/** Somebody who has signed in with her password. */
export async function newMember(site: Site, email: string): Promise<Visitor> {
  await becomeMember(site, email)
  const visitor = new Visitor(site)
  await visitor.signIn(email)
  return visitor
}

/** Sets an authenticator app up through the pages; its key and the recovery codes. */
export async function setUpApp(visitor: Visitor) {
  const key = keyOn((await visitor.post('/account/authenticator')).html)
  const done = await visitor.post('/account/authenticator/code', {
    code: appCode(visitor.site, key),
  })
  return { key, codes: codesOn(done.html), done }
}

/** Adds a passkey through the pages, with the authenticator that holds it. */
export async function addPasskey(visitor: Visitor, name?: string) {
  const authenticator = new SoftwareAuthenticator()
  const { json } = await visitor.json('/auth/passkeys/options')
  const response = JSON.stringify(authenticator.create(json.options, visitor.site.url))
  const fields = name === undefined ? { response } : { response, name }
  return { authenticator, done: await visitor.post('/account/passkeys/add', fields) }
}

/** A fresh proof by passkey. */
export async function proveBy(
  visitor: Visitor,
  authenticator: SoftwareAuthenticator,
  next: string,
): Promise<SeenPage> {
  const { json } = await visitor.json('/auth/step-up/options')
  const response = JSON.stringify(authenticator.get(json.options, visitor.site.url))
  return visitor.post('/account/prove', { method: 'passkey', response, next })
}

/** The code that an app shows for a key now, after which time moves on to the next one. */
export function appCode({ clock }: Site, key: string): string {
  const code = totp(key, clock.now())
  clock.jump(30_000)
  return code
}

/** RFC 6238 as an app computes it, with SHA-1, six digits and 30 seconds. */
export function totp(key: string, now: number): string {
  const digits = Array.from(key.replaceAll(' ', ''), (one) => alphabet.indexOf(one))
  const bits = digits.map((digit) => digit.toString(2).padStart(5, '0')).join('')
  const bytes = bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)))
  const hash = createHmac('sha1', Buffer.from(bytes)).update(counter).digest()
  const at = (hash.at(-1) ?? 0) & 15
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The key on a page, in groups of four. */
export function keyOn(html: string): string {
  const key = /<p class="key"><code>([^<]+)<\/code>/.exec(html)?.[1]
  if (key === undefined) throw new Error('the page shows no key')
  return key
}

/** The recovery codes on a page. */
export function codesOn(html: string): readonly string[] {
  return [...html.matchAll(/<li><code>([^<]+)<\/code>/g)].map(([, code = '']) => code)
}

/** The flow that a page of sign-in goes on with. */
export function flowOn({ html }: SeenPage): string {
  return hiddenField(html, 'flow')
}
