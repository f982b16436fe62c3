import { html } from './html.ts'
import { layout, type Viewer } from './layout.ts'

/** The page for people whose role does not reach. */
export function forbiddenPage(viewer: Viewer | undefined): string {
  const content = html`<p class="notice" role="alert">Only administrators may do this.</p>
<p><a href="/report">Inventory report</a></p>`
  return layout({ title: 'Not for you', viewer, content })
}
