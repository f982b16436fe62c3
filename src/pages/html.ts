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

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
  '\r': '&#13;',
  '\0': '\ufffd',
}

function textOf(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  if (Array.isArray(value)) return value.map(textOf).join('')
  return String(value)
    .toWellFormed()
    .replace(/[&<>"'`\r\0]/g, (character) => entities[character] ?? '')
}

/**
 * A script of this package, inline under the nonce of the response. `source` is a constant of ours and
 * holds nothing of a request. Throws for one that could end its own element (HTML, 13.2.5.4).
 */
export function inlineScript(source: string, nonce: string | undefined): Html {
  if (/<\/script|<script|<!--/i.test(source)) throw new TypeError('The script would end early.')
  const open = nonce === undefined ? '<script>' : String(html`<script nonce="${nonce}">`)
  return Html.build([`${open}${source}</script>`], [])
}
