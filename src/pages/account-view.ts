import { deviceOf } from '../http/index.ts'
import type { SessionRow } from '../sessions/index.ts'
import type { UserProfile } from '../users/index.ts'
import { renderForm, renderHidden } from './form.ts'
import { type Html, html } from './html.ts'
import type { Frame } from './layout.ts'
import { fill, type PageTexts } from './texts.ts'

/** What the page shows of a session. */
export type ShownSession = Pick<
  SessionRow,
  'id' | 'ip' | 'user_agent' | 'auth_time' | 'last_activity_at'
>

export interface AccountView {
  readonly path: string
  readonly profile: UserProfile & { readonly roles: readonly string[] }
  readonly sessions: readonly ShownSession[]
  readonly currentId: string
  /** Epoch milliseconds. */
  readonly now: number
}

export function renderAccount(frame: Frame, view: AccountView): Html {
  const { account: words } = frame.texts
  const others = view.sessions.some(({ id }) => id !== view.currentId)
  const button = (action: string, label: string) =>
    renderForm(frame, { action: `${view.path}${action}`, button: label, fields: [], plain: true })
  return html`<h2>${words.profile}</h2>
${renderProfile(frame.texts, view.profile)}
<h2>${words.sessions}</h2>
<p class="intro">${words.sessionsIntro}</p>
<ul class="sessions">${view.sessions.map((session) => renderSession(frame, view, session))}</ul>
<div class="actions">
${others && button('/sessions/end-others', words.endOthers)}
${button('/sign-out', words.signOut)}
</div>`
}

function renderProfile({ account: words }: PageTexts, profile: AccountView['profile']): Html {
  const fact = (name: string, value: string | null) =>
    html`<dt>${name}</dt><dd>${value ? html`<bdi>${value}</bdi>` : words.none}</dd>`
  return html`<dl class="facts">
${fact(words.email, profile.email)}
${fact(words.username, profile.username)}
${fact(words.displayName, profile.displayName)}
${fact(words.companyName, profile.companyName)}
${fact(words.roles, profile.roles.join(', '))}
</dl>`
}

function renderSession(frame: Frame, view: AccountView, session: ShownSession): Html {
  const { texts } = frame
  const { account: words } = texts
  const current = session.id === view.currentId
  const device = deviceText(session.user_agent, words)
  const address = session.ip ?? words.unknownAddress
  const seen = current
    ? html`${words.activeNow}`
    : timed(words.lastActive, session.last_activity_at, { now: view.now, texts })
  const since = timed(words.signedInAt, session.auth_time, { now: view.now, texts })
  return html`<li><div>
<p><strong>${device}</strong>${current && html` <span class="badge">${words.thisOne}</span>`}</p>
<p class="about">${address} · ${seen} · ${since}</p>
</div>${
    !current &&
    html`<form method="post" action="${view.path}/sessions/end">
${renderHidden(frame, { id: session.id })}<button class="plain">${words.end} <span class="unseen">${fill(words.endOf, { device, address })}</span></button>
</form>`
  }</li>
`
}

function deviceText(userAgent: string | null, words: PageTexts['account']): string {
  const { browser, system } = deviceOf(userAgent)
  if (browser && system) return fill(words.on, { browser, system })
  return browser ?? system ?? words.unknownDevice
}

/** A sentence about an instant, with the exact time for machines and on demand. */
function timed(
  sentence: string,
  at: number,
  { now, texts }: { readonly now: number; readonly texts: PageTexts },
): Html {
  const iso = new Date(at).toISOString()
  const words = fill(sentence, { time: agoText(now - at, texts.language) })
  return html`<time datetime="${iso}" title="${iso}">${words}</time>`
}

/** `now`, `5 minutes ago`, `yesterday`: whole units, the larger the longer ago. */
export function agoText(elapsedMs: number, language: string): string {
  const minutes = Math.max(0, Math.floor(elapsedMs / 60_000))
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  if (minutes < 1) return format.format(0, 'second')
  if (minutes < 60) return format.format(-minutes, 'minute')
  if (minutes < 1_440) return format.format(-Math.floor(minutes / 60), 'hour')
  return format.format(-Math.floor(minutes / 1_440), 'day')
}
