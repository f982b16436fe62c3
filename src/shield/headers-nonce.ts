import type { Random } from '../ports/index.ts'

/** 144 bits: CSP 3 asks for at least 128, and 18 bytes are 24 characters of base64 without padding. */
const nonceBytes = 18
const nonceChars = 24
const noncesPerBlock = 128

/** Makes nonces from one draw of randomness for many, since most of the price of a draw is fixed. */
export class NoncePool {
  readonly #random: Random
  #block = ''
  #at = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** A fresh nonce, never given out before. */
  next(): string {
    if (this.#at === this.#block.length) {
      this.#block = Buffer.from(this.#random.bytes(nonceBytes * noncesPerBlock)).toString('base64')
      this.#at = 0
    }
    this.#at += nonceChars
    return this.#block.slice(this.#at - nonceChars, this.#at)
  }
}
