import type { InventoryReport } from '../report.ts'
import type { StoreTurnover, Turnover } from '../turnover.ts'
import { turnoverChart } from './chart.ts'
import { euros, inWords, times, wholeDays } from './figures.ts'
import { type Html, html } from './html.ts'
import { layout, type Viewer } from './layout.ts'

/** A store that the viewer may choose. */
export interface Choice {
  readonly id: string
  readonly name: string
}

export interface ReportView {
  readonly viewer: Viewer
  readonly report: InventoryReport
  readonly choices: readonly Choice[]
  /** The chosen store; undefined is all of them. */
  readonly chosen: string | undefined
}

const TITLE = 'Inventory turnover'

/** The page at `/report` for people who have a company. */
export function reportPage(view: ReportView): string {
  const { report, viewer } = view
  const content = html`<p class="lead">${report.company.name}</p>
${form(view)}
${report.period ? figures(report) : html`<p class="notice">There is no data for these days.</p>`}
${howToRead()}`
  return layout({ title: TITLE, viewer, content })
}

/** The page at `/report` for a query that cannot be answered. */
export function badReportPage(viewer: Viewer, faults: readonly string[]): string {
  const content = html`<ul class="notice" role="alert">${faults.map((fault) => html`<li>${fault}</li>`)}</ul>
<p><a href="/report">Show the last year on record</a></p>`
  return layout({ title: TITLE, viewer, content })
}

export type Missing = 'no_role' | 'no_company' | 'no_store'

/** The page at `/report` for people to whom nothing was given yet. */
export function unassignedPage(viewer: Viewer, missing: Missing): string {
  const message =
    missing === 'no_store'
      ? 'No store has been given to you yet.'
      : 'No company has been given to you yet.'
  const advice = viewer.roles.includes('super_admin')
    ? html`<p>You are the super administrator. <a href="/assign">Give companies to people</a>; somebody
else has to give you yours.</p>`
    : html`<p>Ask an administrator to do it. Then open this page again; there is no need to sign out.
What you wrote when you registered decides nothing here.</p>
<p><a class="button" href="/report">Try again</a></p>`
  const content = html`<p class="notice" role="status">${message}</p>
${advice}`
  return layout({ title: TITLE, viewer, content })
}

function form({ report, choices, chosen }: ReportView): Html {
  const { from, to } = report.requested
  return html`<form method="get" action="/report" class="filter">
<p class="field"><label for="from">From</label>
<input type="date" id="from" name="from" value="${from}" required></p>
<p class="field"><label for="to">To</label>
<input type="date" id="to" name="to" value="${to}" required></p>
<p class="field"><label for="store">Store</label>
<select id="store" name="store">
<option value="">All my stores</option>
${choices.map(
  ({ id, name }) => html`<option value="${id}"${id === chosen && html` selected`}>${name}</option>`,
)}
</select></p>
<button>Show</button>
</form>`
}

function figures(report: InventoryReport): Html {
  const { period, stores, total } = report
  return html`${turnoverChart(stores)}
<div class="scroll"><table>
<caption>${period?.from} to ${period?.to}, ${total.days} days</caption>
<thead><tr>
<th scope="col">Store</th><th scope="col">Held</th>
<th scope="col" class="number">Cost of goods sold</th>
<th scope="col" class="number">Average inventory</th>
<th scope="col" class="number">Turnover</th>
<th scope="col" class="number">Days of inventory</th>
</tr></thead>
<tbody>
${stores.map(
  (store) => html`<tr><th scope="row">${store.name}<small>${store.city}</small></th>
<td>${heldDays(store, total)}</td>${cells(store)}</tr>
`,
)}
</tbody>
${stores.length > 1 && html`<tfoot><tr><th scope="row">All</th><td></td>${cells(total)}</tr></tfoot>`}
</table></div>`
}

function heldDays(store: StoreTurnover, total: Turnover): Html {
  return store.days === total.days
    ? html`all days`
    : html`<span class="whole">${store.from}</span> to <span class="whole">${store.to}</span>`
}

function cells(line: Turnover): Html {
  return html`<td class="number">${euros(line.costOfGoodsSoldCents)}</td>
<td class="number">${euros(line.averageInventoryCents)}</td>
<td class="number">${times(line.turnover)}</td>
<td class="number">${wholeDays(line.daysOfInventory)}${line.reason && html`<small>${inWords(line.reason)}</small>`}</td>`
}

function howToRead(): Html {
  return html`<details><summary>How this is calculated</summary>
<p>Turnover is the cost of the goods sold, less returns, divided by the average inventory at cost.
The average is the mean of the stock at the opening and at every count in the period. Days of
inventory is the number of days divided by the turnover. A store that changed its company counts for
each only while it held the store.</p></details>`
}
