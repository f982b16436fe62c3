import type { FactorOverview } from '../enrolment/index.ts'
import type { UserProfile } from '../users/index.ts'
import { renderFactors } from './account-factors.ts'
import {
  type ListView,
  renderDevices,
  renderSessions,
  type ShownDevice,
  type ShownSession,
} from './account-lists.ts'
import { renderForm } from './form.ts'
import { type Html, html } from './html.ts'
import type { Frame } from './layout.ts'
import type { PageTexts } from './texts.ts'

export interface AccountView extends Pick<ListView, 'path' | 'now'> {
  readonly profile: UserProfile & { readonly roles: readonly string[] }
  readonly sessions: readonly ShownSession[]
  /** Of the session at hand. */
  readonly currentId: string
  readonly devices: readonly ShownDevice[]
  /** Of the device at hand; undefined when it is not a known one. */
  readonly currentDeviceId: string | undefined
  readonly factors: FactorOverview
}

/** The whole of `/account`. */
export function renderAccount(frame: Frame, view: AccountView): Html {
  const { account: words } = frame.texts
  const { path, now } = view
  const others = view.sessions.some(({ id }) => id !== view.currentId)
  const button = (action: string, label: string) =>
    renderForm(frame, { action: `${path}${action}`, button: label, fields: [], look: 'plain' })
  return html`<h2>${words.profile}</h2>
${renderProfile(frame.texts, view.profile)}
<h2 id="security">${words.security}</h2>
${renderChoices(frame.texts, path)}
${renderFactors(frame, { path, now, factors: view.factors })}
<h2 id="sessions">${words.sessions}</h2>
<p class="intro">${words.sessionsIntro}</p>
${renderSessions(frame, { path, now, currentId: view.currentId }, view.sessions)}
<div class="actions">
${others && button('/sessions/end-others', words.endOthers)}
${button('/sign-out', words.signOut)}
</div>
<h2 id="devices">${words.devices}</h2>
<p class="intro">${words.devicesIntro}</p>
${renderDevices(frame, { path, now, currentId: view.currentDeviceId }, view.devices)}`
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

/** What she can do to the account, each on a page of its own. */
function renderChoices({ account: words }: PageTexts, path: string): Html {
  const choices = [
    ['password', words.changePassword],
    ['email', words.changeEmail],
    ['data', words.exportData],
    ['close', words.closeAccount],
  ] as const
  return html`<ul class="choices" aria-labelledby="security">${choices.map(
    ([name, label]) => html`<li><a href="${path}/${name}">${label}</a></li>`,
  )}</ul>`
}
