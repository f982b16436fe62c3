import type { FactorOverview, PasskeyView } from '../enrolment/index.ts'
import { type Html, html } from './html.ts'
import type { Frame } from './layout.ts'
import { fill } from './texts.ts'
import { dayText, timed } from './times.ts'

/** What the part about second factors shows, and when it is looked at. */
export interface FactorsView {
  readonly path: string
  /** Epoch milliseconds. */
  readonly now: number
  readonly factors: FactorOverview
}

/** A way to another page, and what it is about for those who hear it out of its place. */
interface Way {
  readonly href: string
  readonly label: string
  readonly about?: string
}

/** The second factors of an account: what there is, what is asked for, and where each is changed. */
export function renderFactors(frame: Frame, view: FactorsView): Html {
  const { factors: words } = frame.texts
  const { factors, path } = view
  const add = { href: `${path}/passkeys/add`, label: words.addPasskey }
  return html`<h2 id="factors">${words.title}</h2>
<p class="intro">${words.intro}</p>
${renderDemand(frame, view)}
<ul class="entries" aria-labelledby="factors">
${renderApp(frame, view)}
${factors.passkeys.map((passkey) => renderPasskey(frame, view, passkey))}
${hasAny(factors) && renderCodes(frame, view)}
</ul>
<p>${renderWay(add)}</p>`
}

function renderDemand({ texts }: Frame, { factors, now }: FactorsView): Html | false {
  const { factors: words, language } = texts
  const { dueAt, requiredLevel } = factors
  if (hasAny(factors)) return false
  if (dueAt !== null && dueAt > now) {
    const time = dayText(dueAt, language)
    return html`<p class="notice warn">${fill(words.requiredUntil, { time })}</p>`
  }
  if (requiredLevel === 2) return html`<p class="notice warn">${words.required}</p>`
  return html`<p>${words.none}</p>`
}

function hasAny({ passkeys, totp }: FactorOverview): boolean {
  return totp !== null || passkeys.length > 0
}

function renderApp(frame: Frame, { factors, now, path }: FactorsView): Html {
  const { texts } = frame
  const { factors: words } = texts
  const { totp } = factors
  const page = `${path}/authenticator`
  if (totp === null) {
    const ways = [{ href: page, label: words.add, about: words.addOf }]
    return renderEntry(words.app, html`${words.appNone}`, ways)
  }
  return renderEntry(words.app, timed(words.appSince, totp.since, { now, texts }), [
    { href: page, label: words.replace, about: words.replaceOf },
    { href: `${page}/remove`, label: words.remove, about: words.removeAppOf },
  ])
}

function renderPasskey({ texts }: Frame, { now, path }: FactorsView, passkey: PasskeyView): Html {
  const { factors: words } = texts
  const { backedUp, createdAt, id, lastUsedAt, name } = passkey
  const used =
    lastUsedAt === null
      ? html`${words.neverUsed}`
      : timed(words.lastUsed, lastUsedAt, { now, texts })
  const added = timed(words.created, createdAt, { now, texts })
  const about = html`${words.passkey} · ${used} · ${added}${backedUp && html` · ${words.synced}`}`
  const page = (action: string) =>
    `${path}/passkeys/${action}?id=${encodeURIComponent(id.toWellFormed())}`
  return renderEntry(name, about, [
    { href: page('rename'), label: words.rename, about: fill(words.renameOf, { name }) },
    { href: page('remove'), label: words.remove, about: fill(words.removeOf, { name }) },
  ])
}

function renderCodes({ texts }: Frame, { factors, path }: FactorsView): Html {
  const { factors: words } = texts
  const count = factors.recoveryCodesLeft
  const left = count === 0 ? words.codesNone : fill(words.codesLeft, { count: String(count) })
  const ways = [{ href: `${path}/recovery-codes`, label: words.newCodes }]
  return renderEntry(words.codes, html`${left}`, ways)
}

function renderEntry(name: string, about: Html, ways: readonly Way[]): Html {
  return html`<li><div>
<p><strong><bdi>${name}</bdi></strong></p>
<p class="about">${about}</p>
</div><div class="ways">${ways.map(renderWay)}</div></li>
`
}

function renderWay({ about, href, label }: Way): Html {
  return html`<a class="button plain" href="${href}">${label}${about !== undefined && html` <span class="unseen">${about}</span>`}</a>
`
}
