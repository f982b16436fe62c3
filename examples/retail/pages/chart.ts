import type { StoreTurnover } from '../turnover.ts'
import { times } from './figures.ts'
import { type Html, html } from './html.ts'

const ROW = 34
const LABELS = 230
const BARS = 380

/** Turnover of each store as bars. Colours come from the stylesheet; the table says the same. */
export function turnoverChart(stores: readonly StoreTurnover[]): Html | undefined {
  const drawn = stores.filter((store) => store.turnover !== null)
  const highest = Math.max(...drawn.map((store) => store.turnover ?? 0))
  if (drawn.length === 0 || highest <= 0) return undefined
  const height = drawn.length * ROW
  return html`<div class="scroll"><svg class="chart" role="img" aria-label="Turnover by store, also in the table below"
 viewBox="0 0 ${LABELS + BARS + 70} ${height}">
${drawn.map((store, at) => bar(store, at * ROW, (store.turnover ?? 0) / highest))}
</svg></div>`
}

function bar(store: StoreTurnover, y: number, share: number): Html {
  const width = Math.max(1, Math.round(share * BARS))
  return html`<text x="${LABELS - 10}" y="${y + 22}" text-anchor="end">${shortened(store.name)}</text>
<rect x="${LABELS}" y="${y + 6}" width="${width}" height="${ROW - 12}" rx="3"></rect>
<text x="${LABELS + width + 8}" y="${y + 22}">${times(store.turnover)}</text>
`
}

function shortened(name: string): string {
  return name.length <= 28 ? name : `${name.slice(0, 27)}…`
}
