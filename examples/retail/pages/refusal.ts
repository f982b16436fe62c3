import { html } from './html.ts'
import { layout, type Viewer } from './layout.ts'

/** The page for people whose role does not reach. */
export function forbiddenPage(viewer: Viewer | undefined): string {
  const content = html`<p class="notice" role="alert">Only administrators may do this.</p>
<p><a href="/report">Inventory report</a></p>`
  return layout({ title: 'Not for you', viewer, content })
}

/** The page for a form that came with a proof too old. What was entered is gone, and the page says so. */
export function proofPage(viewer: Viewer, prove: string): string {
  const content = html`<p class="notice" role="alert">Nothing was assigned. Confirm that it is you, then enter it again.</p>
<p><a class="button" href="${prove}">Confirm that it is you</a></p>`
  return layout({ title: 'Please confirm that it is you', viewer, content })
}
