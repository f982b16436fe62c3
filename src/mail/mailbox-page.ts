import { escapeHtml } from './escape.ts'
import type { KeptMail } from './mailbox.ts'

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin: 0 }
article { border: 1px solid #8886; border-radius: .5rem; padding: 1rem; margin: 1rem 0 }
.about { color: #777; margin: 0 0 .75rem } a { overflow-wrap: anywhere }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: .75rem 0 }
details pre { font: .8rem/1.4 ui-monospace, monospace; color: #777 }
`

/**
 * The page of the development mailbox, newest mail first. Mails are shown as text: their HTML is
 * escaped, and the only things to click are their links, as plain http(s) anchors. No scripts.
 *
 * @param nonce of the page's Content-Security-Policy; without it the page has no style.
 */
export function renderMailboxPage(mails: readonly KeptMail[], nonce?: string): string {
  const styled = nonce === undefined ? '' : `<style nonce="${escapeHtml(nonce)}">${style}</style>`
  const list = mails.map(renderMailArticle).join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Development mailbox</title>
${styled}
</head>
<body>
<main>
<h1>Development mailbox</h1>
<p class="about">Mail that would have been sent. It is kept in memory and answers on this machine only.</p>
${list === '' ? '<p>No mail yet.</p>' : list}
</main>
</body>
</html>
`
}

function renderMailArticle(mail: KeptMail): string {
  return `<article id="${escapeHtml(mail.id)}">
<h2>${escapeHtml(mail.subject)}</h2>
<p class="about">To <bdi>${escapeHtml(mail.to)}</bdi>, <time>${new Date(mail.at).toISOString()}</time></p>
${renderLinks(mail.links)}
<pre>${escapeHtml(mail.text)}</pre>
<details><summary>HTML source</summary><pre>${escapeHtml(mail.html)}</pre></details>
</article>`
}

function renderLinks(links: readonly string[]): string {
  const items = links.map(
    (link) => `<li><a href="${escapeHtml(link)}" rel="noreferrer">${escapeHtml(link)}</a></li>`,
  )
  return items.length === 0 ? '' : `<ul>\n${items.join('\n')}\n</ul>`
}
