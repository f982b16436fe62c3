import type { Answer } from '../http/index.ts'
import { type Html, html } from './html.ts'
import { style } from './style.ts'
import type { PageTexts } from './texts.ts'

/** What all pages of one request have in common. */
export interface Frame {
  readonly appName: string
  readonly texts: PageTexts
  /** Of this response's Content-Security-Policy. */
  readonly nonce?: string
  /** Token of the session at hand, for the field `_csrf` of forms. */
  readonly csrf?: string
}

export interface Page {
  readonly title: string
  readonly content: Html
  /** Says so in the title, which a screen reader reads first. */
  readonly failed?: boolean
  /** A fixed sentence about what just happened. */
  readonly notice?: string | undefined
  /** Room for lists and tables. */
  readonly wide?: boolean
}

/**
 * The one document of all pages: no script, no resource from anywhere, one style by nonce. The
 * referrer policy sends no path and no token anywhere, yet lets browsers without Fetch Metadata name
 * the origin of a form, which `no-referrer` would turn into `null`.
 */
export function renderPage(frame: Frame, page: Page): string {
  const { appName, nonce, texts } = frame
  const title = `${page.failed ? texts.errorPrefix : ''}${page.title} - ${appName}`
  const [initial = ''] = appName
  return html`<!doctype html>
<html lang="${texts.language}" dir="${texts.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="strict-origin">
<meta name="robots" content="noindex">
<title>${title}</title>
<style${nonce !== undefined && html` nonce="${nonce}"`}>${style}</style>
</head>
<body>
<header class="brand"><a href="/"><span class="mark" aria-hidden="true">${initial.toUpperCase()}</span><bdi>${appName}</bdi></a></header>
<main class="${page.wide ? 'wide' : 'narrow'}">
<h1>${page.title}</h1>
${page.notice !== undefined && html`<p class="notice" role="status">${page.notice}</p>`}
${page.content}
</main>
</body>
</html>
`.toString()
}

/** An answer with a page. Nobody stores it: it may hold a token or what somebody typed. */
export function pageAnswer(
  frame: Frame,
  page: Page,
  answer: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Answer {
  const headers = { ...answer.headers, 'cache-control': 'no-store' }
  return { status: answer.status ?? 200, headers, html: renderPage(frame, page) }
}

/** Sends the browser on with a GET. `location` is a path of this site. */
export function seeOther(location: string, cookies: readonly string[] = []): Answer {
  return { status: 303, headers: { location, 'cache-control': 'no-store' }, cookies }
}
