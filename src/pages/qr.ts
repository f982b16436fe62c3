import { type Html, html } from './html.ts'

/** What the room factors draws: a white square and the black modules, each one path. */
const drawn =
  /^<svg [^>]*viewBox="0 0 (\d{1,3}) \1"[^>]*><path fill="#fff" d="[^"]*"\/><path fill="#000" d="([Mhvz\d -]+)"\/><\/svg>$/

/**
 * A QR code inline, with a name for those who do not see it. Nothing of the SVG text is written as it
 * stands: its size and its path are read and drawn anew. Black on white in dark, too, or no camera
 * reads it. Throws for a text that is no such drawing.
 */
export function renderQr(svg: string, name: string): Html {
  const [, size, path] = drawn.exec(svg) ?? []
  if (size === undefined || path === undefined) throw new TypeError('This is no QR code of ours.')
  return html`<svg class="qr" role="img" aria-label="${name}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${path}"/></svg>`
}
