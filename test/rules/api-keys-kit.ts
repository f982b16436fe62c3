import type { HttpAnswer } from '../nodes/nodes.ts'
import { goodPassword, type Person, type Site } from './identity-kit.ts'

/** A key that was made over HTTP. */
export interface MadeKey {
  readonly id: string
  readonly key: string
}

/** What the tests of API keys do again and again, on one site. */
export interface KeyKit {
  /** An active account of these roles, signed in. */
  someone(name: string, roles?: readonly string[]): Promise<Person>
  /** Asks for a key of one's own. */
  ask(by: Person, body: object): Promise<HttpAnswer>
  /** Makes one. */
  make(by: Person, body?: object): Promise<MadeKey>
  /** What a key gets at `GET /api/orders`. */
  use(key: string): Promise<HttpAnswer>
}

export function keyKit(site: Site): KeyKit {
  const someone: KeyKit['someone'] = async (name, roles = ['user']) => {
    const email = `${name}@example.com`
    const { id } = await site.security.users.create({ email, password: goodPassword, roles })
    const { json } = await site.login(email, goodPassword)
    return { id, bearer: { authorization: `Bearer ${json.accessToken}` } }
  }
  const ask: KeyKit['ask'] = (by, body) => site.post('/api/keys', body, by.bearer)
  const make: KeyKit['make'] = async (by, body = {}) => {
    const { json, status, text } = await ask(by, {
      name: 'a key',
      scopes: ['read:orders'],
      ...body,
    })
    if (status !== 201) throw new Error(text)
    return { id: json.apiKey.id, key: json.key }
  }
  const use: KeyKit['use'] = (key) => site.get('/api/orders', { 'x-api-key': key })
  return { someone, ask, make, use }
}
