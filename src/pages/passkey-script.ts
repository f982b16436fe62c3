/**
 * The browser's side of passkeys, for inline use under the nonce of the response. It asks nobody but
 * this site and the browser, writes no HTML and holds under Trusted Types.
 *
 * Its contract: a form `data-passkey` is `create` or `get`, names in `data-options` where options are
 * fetched by POST, and holds a hidden input `response`, a line for what happens, and a button of type
 * `button`, both hidden until the browser is known to have passkeys. With `data-autofill` a passkey can also be chosen from the list
 * that the field for the name offers. The flow of a sign-in, where there is one, is the field `flow`.
 * Options that are refused with 401 send the form without an answer: the server then says what is due.
 */
export const passkeyScript: string = `(() => {
'use strict'
const can = Boolean(window.PublicKeyCredential && navigator.credentials)
const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (one) => one.charCodeAt(0))
const text = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join(''))
    .replace(/[+]/g, '-').replace(/[/]/g, '_').replace(/=/g, '')
const named = (list) => list && list.map((one) => ({ ...one, id: bytes(one.id) }))
const read = (given) => {
  const options = { ...given, challenge: bytes(given.challenge) }
  if (given.user) options.user = { ...given.user, id: bytes(given.user.id) }
  for (const list of ['excludeCredentials', 'allowCredentials']) {
    if (given[list]) options[list] = named(given[list])
  }
  return options
}
const written = (credential) => {
  const { authenticatorAttachment, id, rawId, response: given, type } = credential
  const response = {}
  for (const part of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (given[part]) response[part] = text(given[part])
  }
  if (given.getTransports) response.transports = given.getTransports()
  const clientExtensionResults = credential.getClientExtensionResults()
  return JSON.stringify({
    id, rawId: text(rawId), type, response, clientExtensionResults,
    ...(authenticatorAttachment ? { authenticatorAttachment } : {}),
  })
}
const fetched = async (form) => {
  const { flow } = form.elements
  const answer = await fetch(form.dataset.options, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(flow ? { flow: flow.value } : {}),
  })
  if (answer.status === 401) form.submit()
  if (!answer.ok) throw new Error('no options')
  return read((await answer.json()).options)
}
const send = (form, credential) => {
  form.elements.response.value = written(credential)
  form.submit()
}
let waiting
const autofill = async (form) => {
  const { isConditionalMediationAvailable: available } = window.PublicKeyCredential
  if (!available || !(await window.PublicKeyCredential.isConditionalMediationAvailable())) return
  const own = (waiting = new AbortController())
  const publicKey = await fetched(form)
  if (own.signal.aborted) return
  const renewal = setTimeout(() => { own.abort(); autofill(form).catch(() => {}) }, 240000)
  own.signal.addEventListener('abort', () => clearTimeout(renewal))
  send(form, await navigator.credentials.get({ publicKey, mediation: 'conditional', signal: own.signal }))
}
const start = async (form, say) => {
  if (waiting) waiting.abort()
  say('working')
  const publicKey = await fetched(form)
  const ask = form.dataset.passkey === 'create' ? 'create' : 'get'
  send(form, await navigator.credentials[ask]({ publicKey }))
}
for (const form of document.querySelectorAll('form[data-passkey]')) {
  const button = form.querySelector('button')
  const status = form.querySelector('[data-passkey-status]')
  const say = (name) => {
    status.hidden = false
    status.className = name === 'cannot' ? 'notice warn' : 'about'
    status.textContent = form.dataset[name] || ''
  }
  if (!can) {
    if (form.dataset.cannot) say('cannot')
    continue
  }
  button.hidden = false
  for (const near of document.querySelectorAll('[data-passkey-near]')) near.hidden = false
  const go = () => {
    button.disabled = true
    start(form, say).catch((error) => {
      button.disabled = false
      say(error.name === 'InvalidStateError' ? 'known' : 'failed')
    })
  }
  button.addEventListener('click', go)
  form.addEventListener('submit', (event) => { event.preventDefault(); go() })
  if ('autofill' in form.dataset) autofill(form).catch(() => {})
}
})()
`
