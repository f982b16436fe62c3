import { html } from './html.ts'
import { layout, type Viewer } from './layout.ts'

/** The page at `/`. */
export function homePage(viewer: Viewer | undefined): string {
  const next = viewer
    ? html`<p><a class="button" href="/report">Inventory report</a></p>`
    : html`<p>
<a class="button" href="/account/sign-in?next=/">Sign in</a>
<a class="button quiet" href="/account/register">Register</a>
</p>`
  const content = html`<p>How often did each store sell its stock, and how many days does it last?</p>
${next}
<p class="hint">Anyone may register. What you see is decided by an administrator, who gives you a
company and, if you work in one store, that store.</p>`
  return layout({ title: 'Inventory turnover', viewer, content })
}
