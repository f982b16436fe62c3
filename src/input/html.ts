import { encodeHtml } from './encode.ts'

/**
 * Markup that is safe to write as it stands. Only the tag `html` makes it, so text from anywhere
 * else cannot pass for it.
 */
export class Html {
  readonly #text: string

  private constructor(text: string) {
    this.#text = text
  }

  /** Joins the literal parts of a template with its values, each escaped unless it is markup. */
  static build(parts: readonly string[], values: readonly HtmlValue[]): Html {
    let text = parts[0] ?? ''
    values.forEach((value, at) => {
      text += textOf(value) + (parts[at + 1] ?? '')
    })
    return new Html(text)
  }

  toString(): string {
    return this.#text
  }
}

/** What may stand in a template. Undefined and false leave nothing behind. */
export type HtmlValue = string | number | Html | readonly Html[] | undefined | false

/**
 * A template of HTML. What is written in it is markup; what is interpolated is text and is escaped,
 * for element content and for attribute values in quotes. It must not be interpolated elsewhere: not
 * as a name, not bare, not into a script, and an address only where its start is ours.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return Html.build(parts, values)
}

function textOf(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  if (Array.isArray(value)) return value.map(textOf).join('')
  return encodeHtml(String(value))
}
