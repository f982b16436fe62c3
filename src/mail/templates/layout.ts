import { escapeHtml } from '../escape.ts'
import type { FactLine } from './facts.ts'

/** A mail before it becomes text and HTML: plain words everywhere, no markup anywhere. */
export interface MailDescription {
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  readonly subject: string
  readonly greeting: string
  readonly paragraphs: readonly string[]
  readonly facts: readonly FactLine[]
  readonly action: { readonly label: string; readonly url: string }
  readonly orOpen: string
  readonly closing: readonly string[]
  readonly footer: string
}

const page = 'margin:0;padding:24px 12px;background:#f4f5f7;color:#1d2330;'
const font = 'font:16px/1.5 system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif;'
const card =
  'max-width:560px;margin:0 auto;padding:24px 28px;background:#ffffff;border-radius:8px;overflow-wrap:anywhere;'
const table = 'margin:16px 0;border-spacing:0;font-size:15px;'
const term =
  'padding:2px 20px 2px 0;text-align:start;vertical-align:top;white-space:nowrap;font-weight:400;color:#5b6472;'
const value = 'padding:2px 0;text-align:start;vertical-align:top;'
const button =
  'display:inline-block;padding:12px 20px;border-radius:6px;background:#1f4fd8;color:#ffffff;text-decoration:none;font-weight:600;'
const small = 'color:#5b6472;font-size:13px;'

/** For clients that know dark colours; the others take the colours of the elements. */
const dark = `@media (prefers-color-scheme:dark){
.page{background:#14171c!important;color:#e6e9ef!important}
.card{background:#1e232b!important}
.small,.small a{color:#a3acba!important}
.button{background:#8fb0ff!important;color:#0d1526!important}
}`

/** The text part: paragraphs apart by blank lines, the address on a line of its own. */
export function renderText(mail: MailDescription): string {
  const { greeting, paragraphs, facts, action, closing, footer } = mail
  const lines = facts.map((fact) => `${fact.label}: ${fact.value}`)
  const parts = [
    ...[greeting, ...paragraphs],
    ...(lines.length > 0 ? [lines.join('\n')] : []),
    ...[`${action.label}:\n${action.url}`, ...closing],
  ]
  return `${[...parts, `-- \n${footer}`].join('\n\n')}\n`
}

/** The HTML part: the same words, each escaped, with one link shown as button and in full. */
export function renderHtml(mail: MailDescription): string {
  const url = escapeHtml(mail.action.url)
  const paragraph = (text: string) => `<p>${escapeHtml(text)}</p>`
  return `<!doctype html>
<html lang="${escapeHtml(mail.language)}" dir="${mail.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(mail.subject)}</title>
<style>${dark}</style>
</head>
<body class="page" style="${page}${font}">
<div class="card" style="${card}">
${[mail.greeting, ...mail.paragraphs].map(paragraph).join('\n')}
${renderFacts(mail.facts)}<p style="margin:24px 0;"><a class="button" href="${url}" style="${button}">${escapeHtml(mail.action.label)}</a></p>
${mail.closing.map(paragraph).join('\n')}
<p class="small" style="${small}">${escapeHtml(mail.orOpen)}<br>${url}</p>
<p class="small" style="${small}">${escapeHtml(mail.footer)}</p>
</div>
</body>
</html>
`
}

function renderFacts(facts: readonly FactLine[]): string {
  if (facts.length === 0) return ''
  const rows = facts.map(
    (fact) =>
      `<tr><th class="small" scope="row" style="${term}">${escapeHtml(fact.label)}</th><td style="${value}">${escapeHtml(fact.value)}</td></tr>`,
  )
  return `<table style="${table}">\n${rows.join('\n')}\n</table>\n`
}
