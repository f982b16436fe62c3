import type { Config } from '../../config/index.ts'
import { compileHeaders, NoncePool } from '../../shield/index.ts'

/** The security headers of a response that no pipeline has prepared. */
export class PlainHeaders {
  readonly #compiled: ReturnType<typeof compileHeaders>
  readonly #nonces: NoncePool
  readonly #secure: boolean

  constructor(config: Config) {
    this.#compiled = compileHeaders(config.headers)
    this.#nonces = new NoncePool(config.random)
    this.#secure = config.baseUrl.startsWith('https:')
  }

  /** Names and values alternating, and the nonce if the policy has one. */
  next(): { readonly list: string[]; readonly nonce: string | undefined } {
    let nonce: string | undefined
    const list = this.#compiled.forResponse({
      secure: this.#secure,
      authenticated: false,
      page: true,
      nonce: () => {
        nonce ??= this.#nonces.next()
        return nonce
      },
    })
    return { list, nonce }
  }
}
