import { escapeHtml } from '../escape.ts'

/** A mail before it becomes text and HTML: plain words everywhere, no markup anywhere. */
export interface MailDescription {
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  readonly subject: string
  readonly greeting: string
  readonly paragraphs: readonly string[]
  readonly action: { readonly label: string; readonly url: string }
  readonly closing: readonly string[]
  readonly footer: string
}

const page = 'margin:0;padding:24px;background:#f4f5f7;color:#1d2330;'
const font = 'font:16px/1.5 system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif;'
const card = 'max-width:560px;margin:0 auto;padding:32px;background:#ffffff;border-radius:8px;'
const button =
  'display:inline-block;padding:12px 20px;border-radius:6px;background:#1f4fd8;color:#ffffff;text-decoration:none;font-weight:600;'
const small = 'color:#5b6472;font-size:13px;'

/** The text part: paragraphs apart by blank lines, the address on a line of its own. */
export function renderText(mail: MailDescription): string {
  const { greeting, paragraphs, action, closing, footer } = mail
  const parts = [greeting, ...paragraphs, `${action.label}:\n${action.url}`, ...closing]
  return `${[...parts, `-- \n${footer}`].join('\n\n')}\n`
}

/** The HTML part: the same words, each escaped, with one link shown as button and in full. */
export function renderHtml(mail: MailDescription): string {
  const url = escapeHtml(mail.action.url)
  const paragraph = (text: string) => `<p>${escapeHtml(text)}</p>`
  return `<!doctype html>
<html lang="${escapeHtml(mail.language)}" dir="${mail.direction}">
<head><meta charset="utf-8"><title>${escapeHtml(mail.subject)}</title></head>
<body style="${page}${font}">
<div style="${card}">
${[mail.greeting, ...mail.paragraphs].map(paragraph).join('\n')}
<p><a href="${url}" style="${button}">${escapeHtml(mail.action.label)}</a></p>
<p style="${small}overflow-wrap:anywhere;">${url}</p>
${mail.closing.map(paragraph).join('\n')}
<p style="${small}">${escapeHtml(mail.footer)}</p>
</div>
</body>
</html>
`
}
