import type { AssignRequest } from '../assign.ts'
import type { Member } from '../companies.ts'
import type { Company, Store } from '../store.ts'
import { type Html, html } from './html.ts'
import { layout, type Viewer } from './layout.ts'

export interface AssignView {
  readonly viewer: Viewer & { readonly csrfToken: string }
  /** What was typed into the form; empty at first. */
  readonly form: AssignRequest
  readonly faults: readonly string[]
  /** The address that was just given a company. */
  readonly saved: string | undefined
  readonly roles: readonly string[]
  readonly companies: readonly Company[]
  readonly stores: readonly Store[]
  readonly members: readonly Member[]
}

/** The page at `/assign`. */
export function assignPage(view: AssignView): string {
  const content = html`${outcome(view)}
<form method="post" action="/assign" class="stack">
<input type="hidden" name="_csrf" value="${view.viewer.csrfToken}">
<p class="field"><label for="email">E-mail address of a registered person</label>
<input type="email" id="email" name="email" value="${view.form.email}" autocomplete="off" required></p>
<p class="field"><label for="role">Role</label>
${select('role', view.form.role, view.roles.map(roleOption))}</p>
<p class="field"><label for="company">Company</label>
${select('company', view.form.company, view.companies.map(companyOption))}</p>
<p class="field"><label for="store">Store, for an employee</label>
<select id="store" name="store">
<option value="">None: the whole company</option>
${view.companies.map((company) => storeGroup(company, view))}
</select></p>
<button>Assign</button>
</form>
<h2>People with a company</h2>
${people(view)}`
  return layout({ title: 'Assign people', viewer: view.viewer, content })
}

/** The page at `/assign` for administrators who have no company themselves. */
export function nowherePage(viewer: Viewer): string {
  const content = html`<p class="notice" role="status">No company has been given to you yet.</p>
<p>An administrator gives people of her own company a store or a role. Ask the super administrator to
give you a company; then open this page again.</p>`
  return layout({ title: 'Assign people', viewer, content })
}

function outcome({ faults, saved }: AssignView): Html | undefined {
  if (faults.length > 0) {
    return html`<ul class="notice" role="alert">${faults.map((fault) => html`<li>${fault}</li>`)}</ul>`
  }
  return saved === undefined
    ? undefined
    : html`<p class="notice good" role="status">${saved} has been assigned.</p>`
}

type Option = readonly [value: string, label: string]

function select(name: string, chosen: string, options: readonly Option[]): Html {
  return html`<select id="${name}" name="${name}" required>
${options.map(([value, label]) => option(value, label, chosen))}
</select>`
}

function option(value: string, label: string, chosen: string): Html {
  return html`<option value="${value}"${value === chosen && html` selected`}>${label}</option>
`
}

function roleOption(role: string): Option {
  return [role, role]
}

function companyOption(company: Company): Option {
  return [company.companyId, company.name]
}

function storeGroup(company: Company, view: AssignView): Html {
  const own = view.stores.filter((store) => store.companyId === company.companyId)
  return html`<optgroup label="${company.name}">
${own.map((store) => option(store.storeId, `${store.name}, ${store.city}`, view.form.store))}
</optgroup>`
}

function people(view: AssignView): Html {
  if (view.members.length === 0) return html`<p>Nobody yet.</p>`
  return html`<div class="scroll"><table>
<thead><tr><th scope="col">Person</th><th scope="col">Company</th><th scope="col">Store</th>
<th scope="col">Since</th></tr></thead>
<tbody>
${view.members.map((one) => personRow(one, view))}
</tbody>
</table></div>`
}

function personRow(one: Member, view: AssignView): Html {
  const company = view.companies.find(({ companyId }) => companyId === one.companyId)
  const store = view.stores.find(({ storeId }) => storeId === one.storeId)
  return html`<tr><th scope="row">${one.email}</th><td>${company?.name ?? one.companyId}</td>
<td>${one.storeId === null ? 'whole company' : (store?.name ?? one.storeId)}</td>
<td>${new Date(one.since).toISOString().slice(0, 10)}</td></tr>
`
}
