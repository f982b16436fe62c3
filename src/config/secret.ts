import { inspect } from 'node:util'

/**
 * A secret of the configuration. It prints as `[secret]` everywhere (string, JSON, inspect), so that
 * a configuration can be logged, thrown or dumped without giving anything away; whoever needs the
 * value asks for it by name.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
    Object.freeze(this)
  }

  /** The text as it was configured. */
  reveal(): string {
    return this.#text
  }

  /** The key bytes: hexadecimal and base64(url) text is decoded, other text is taken as UTF-8. */
  bytes(): Uint8Array {
    return decodeSecret(this.#text)
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [inspect.custom](): string {
    return '[secret]'
  }
}

/** Bytes of a written secret: hexadecimal (even length), else base64 or base64url, else UTF-8. */
export function decodeSecret(text: string): Uint8Array {
  if (/^(?:[0-9a-f]{2})+$/i.test(text)) return Buffer.from(text, 'hex')
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return Buffer.from(text, 'base64url')
  return Buffer.from(text, 'utf8')
}
