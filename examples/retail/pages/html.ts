/** Markup that may be sent as it is. Only `html` makes it, so text is always encoded on its way in. */
export class Html {
  readonly #markup: string

  private constructor(markup: string) {
    this.#markup = markup
  }

  static join(strings: readonly string[], values: readonly Content[]): Html {
    const pieces = strings.map((text, at) => text + (at < values.length ? encode(values[at]) : ''))
    return new Html(pieces.join(''))
  }

  toString(): string {
    return this.#markup
  }
}

/** What may stand in a template: text and numbers are encoded, markup is not, nothing is nothing. */
export type Content = string | number | Html | null | undefined | false | readonly Content[]

/** A template of markup. Values may stand in text and in quoted attributes, nowhere else. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  return Html.join(strings, values)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function encode(value: Content): string {
  if (value === null || value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  if (typeof value === 'object') return value.map(encode).join('')
  return String(value).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '')
}
