import { encode } from 'uqr'

/** White modules around a code (ISO/IEC 18004 section 9.1). */
const quietZone = 4
/** Width and height in CSS pixels where nothing else says how large. */
const shownSize = 240

/**
 * A QR code as SVG: one path on a white square. It holds no script, no style and no reference, so the
 * strictest Content-Security-Policy shows it, in a page as in an `img`. The text itself stands nowhere
 * in it. Throws RangeError for more than 2,953 bytes of UTF-8.
 */
export function qrSvg(text: string): string {
  const { data, size } = encode(text, { ecc: 'L', boostEcc: true, border: quietZone })
  const path = data.map((row, y) => runsOf(row, y)).join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${shownSize}" height="${shownSize}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${path}"/></svg>`
}

/** The same as a `data:` address, for the `src` of an `img`. */
export function qrDataUrl(svg: string): string {
  return `data:image/svg+xml;base64,${Buffer.from(svg, 'utf8').toString('base64')}`
}

/** One rectangle for each row of black modules that touch. */
function runsOf(row: readonly boolean[], y: number): string {
  let path = ''
  for (let x = 0; x < row.length; x++) {
    const from = x
    while (row[x]) x++
    if (x > from) path += `M${from} ${y}h${x - from}v1h-${x - from}z`
  }
  return path
}
