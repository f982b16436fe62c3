import type { Answer } from '../http/index.ts'
import { type Html, html, inlineScript } from './html.ts'
import { type Frame, pageAnswer } from './layout.ts'

/** Puts the codes on the clipboard, on paper or into a file; asks nobody for anything. */
const codesScript = `(() => {
'use strict'
const box = document.querySelector('[data-codes]')
const status = box.querySelector('[role=status]')
const [copy, print, save] = box.querySelectorAll('button')
const codes = Array.from(box.querySelectorAll('code'), (one) => one.textContent)
copy.hidden = !navigator.clipboard
print.hidden = save.hidden = false
copy.addEventListener('click', async () => {
  await navigator.clipboard.writeText(codes.join('\\n'))
  status.textContent = box.dataset.copied
})
print.addEventListener('click', () => window.print())
save.addEventListener('click', () => {
  const text = [box.dataset.heading, '', ...codes, ''].join('\\r\\n')
  const file = document.createElement('a')
  file.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  file.download = box.dataset.file
  file.click()
  setTimeout(() => URL.revokeObjectURL(file.href), 10000)
})
})()
`

/**
 * Recovery codes, shown this once. Nothing else shows them, and nobody goes on by accident: a reload
 * has no codes, and the page says so.
 */
export function codesPage(
  frame: Frame,
  { codes, next }: { readonly codes: readonly string[]; readonly next: string },
): Answer {
  const { codes: words } = frame.texts
  const content = html`<p class="intro">${words.intro}</p>
${renderCodes(frame, codes)}
<p class="about unprinted">${words.warning}</p>
<p class="unprinted"><a class="button" href="${next}">${words.done}</a></p>
${inlineScript(codesScript, frame.nonce)}`
  return pageAnswer(frame, { title: words.title, content })
}

function renderCodes({ appName, texts }: Frame, codes: readonly string[]): Html {
  const { codes: words } = texts
  return html`<div data-codes data-copied="${words.copied}" data-heading="${`${appName}: ${words.list}`}" data-file="${words.file}">
<ol class="codes" aria-label="${words.list}">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
<p class="tools unprinted"><button type="button" class="plain" hidden>${words.copy}</button>
<button type="button" class="plain" hidden>${words.print}</button>
<button type="button" class="plain" hidden>${words.save}</button>
<span class="about" role="status"></span></p>
</div>`
}
