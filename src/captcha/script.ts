/**
 * The browser's side of a CAPTCHA, for inline use under the nonce of the response. It asks nobody
 * but this site, writes no HTML and holds under Trusted Types. Its form contract, in the README of
 * this room: an element `data-captcha` with the challenge as JSON and a hidden input `captcha`.
 *
 * It hashes by `crypto.subtle` and gives the page its turn every 12 ms: results alone would keep it
 * busy to the end. Before a challenge ends it fetches and solves another, so that nobody types
 * against the clock.
 */
export const captchaScript: string = `(() => {
'use strict'
const box = document.querySelector('[data-captcha]')
const form = box && box.closest('form')
if (!form) return
const input = form.querySelector('[name=captcha]')
const status = box.querySelector('[data-captcha-status]')
const buttons = form.querySelectorAll('button:not([type=button]),input[type=submit]')
const say = (name) => { if (status && box.dataset[name]) status.textContent = box.dataset[name] }
const enable = (on) => { for (const button of buttons) button.disabled = !on }
const fill = (solution) => { input.value = solution; enable(solution !== '') }
const encoder = new TextEncoder()
const search = async ({ challenge, maxnumber, salt }) => {
  const wanted = BigInt('0x' + challenge.slice(0, 16))
  let rested = performance.now()
  for (let from = 0; from <= maxnumber; from += 128) {
    if (performance.now() - rested > 12) {
      await new Promise((go) => setTimeout(go))
      rested = performance.now()
    }
    const numbers = Array.from({ length: 128 }, (_, at) => from + at)
    const hashes = await Promise.all(
      numbers.map((number) => crypto.subtle.digest('SHA-256', encoder.encode(salt + number))))
    const at = hashes.findIndex((hash) => new DataView(hash).getBigUint64(0) === wanted)
    if (at >= 0) return from + at
  }
  throw new Error('no number solves the challenge')
}
const solve = async ({ algorithm, challenge, maxnumber, salt, signature }) => {
  const number = await search({ challenge, maxnumber, salt })
  fill(btoa(JSON.stringify({ algorithm, challenge, number, salt, signature })))
  say('done')
  if (box.dataset.refresh) setTimeout(renew, 240000)
}
const renew = async () => {
  try {
    const answer = await fetch(box.dataset.refresh)
    if (answer.ok) await solve(await answer.json())
  } catch {}
}
const given = JSON.parse(box.dataset.captcha)
fill('')
if (given.provider === 'altcha') {
  say('working')
  solve(given).catch(() => { enable(true); say('failed') })
} else {
  window.holdfastCaptcha = (token) => { fill(token); say('done') }
  window.holdfastCaptchaEnd = () => fill('')
  window.holdfastCaptchaError = () => { fill('unavailable'); say('failed') }
  addEventListener('error', ({ target }) => {
    if (target.dataset && 'captchaLoader' in target.dataset) window.holdfastCaptchaError()
  }, true)
  form.addEventListener('formdata', ({ formData }) => {
    for (const of of ['cf-turnstile', 'h-captcha', 'g-recaptcha']) formData.delete(of + '-response')
  })
}
})()
`
