import { Html, html } from '../input/index.ts'

export { Html, type HtmlValue, html } from '../input/index.ts'

/**
 * A script of this package, inline under the nonce of the response. `source` is a constant of ours and
 * holds nothing of a request. Throws for one that could end its own element (HTML, 13.2.5.4).
 */
export function inlineScript(source: string, nonce: string | undefined): Html {
  if (/<\/script|<script|<!--/i.test(source)) throw new TypeError('The script would end early.')
  const open = nonce === undefined ? '<script>' : String(html`<script nonce="${nonce}">`)
  return Html.build([`${open}${source}</script>`], [])
}
