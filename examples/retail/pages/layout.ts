import { type Content, type Html, html } from './html.ts'

/** Who looks at a page; undefined when nobody has signed in. */
export interface Viewer {
  readonly roles: readonly string[]
}

export interface Page {
  readonly title: string
  readonly viewer: Viewer | undefined
  readonly content: Content
}

/** Roles that may give people a company. */
export const ASSIGNER_ROLES: readonly string[] = ['admin', 'super_admin']

/** True for administrators. */
export function mayAssign(viewer: Viewer | undefined): boolean {
  return ASSIGNER_ROLES.some((role) => viewer?.roles.includes(role))
}

/** A whole page with navigation. It needs no script and nothing from elsewhere. */
export function layout({ title, viewer, content }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Holdfast Retail</title>
<link rel="icon" href="/favicon.ico" type="image/svg+xml">
<link rel="stylesheet" href="/static/retail.css">
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header>
<a class="brand" href="/">Holdfast Retail</a>
<nav aria-label="Main">${navigation(viewer)}</nav>
</header>
<main id="main">
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`.toString()
}

function navigation(viewer: Viewer | undefined): Html {
  if (!viewer) {
    return html`<a href="/account/sign-in?next=/">Sign in</a> <a href="/account/register">Register</a>`
  }
  return html`<a href="/report">Report</a>
${mayAssign(viewer) && html`<a href="/assign">Assign</a>`}
<a href="/account">Account</a>`
}
