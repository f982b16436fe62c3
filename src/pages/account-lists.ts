import type { DeviceRow } from '../devices/index.ts'
import { deviceOf } from '../http/index.ts'
import type { SessionRow } from '../sessions/index.ts'
import { renderHidden } from './form.ts'
import { type Html, html } from './html.ts'
import type { Frame } from './layout.ts'
import { fill, type PageTexts } from './texts.ts'
import { dayText, timed } from './times.ts'

/** What the page shows of a session. */
export type ShownSession = Pick<
  SessionRow,
  'id' | 'ip' | 'user_agent' | 'auth_time' | 'last_activity_at'
>

/** What the page shows of a device. */
export type ShownDevice = Pick<
  DeviceRow,
  'id' | 'ip' | 'user_agent' | 'first_seen_at' | 'last_seen_at' | 'trusted_until'
>

/** Where a list stands and when it is looked at. */
export interface ListView {
  readonly path: string
  /** Which entry is the one that looks; it is marked. */
  readonly currentId: string | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/** Where somebody is signed in; each other session can be ended. */
export function renderSessions(
  frame: Frame,
  view: ListView,
  sessions: readonly ShownSession[],
): Html {
  const { texts } = frame
  const { account: words } = texts
  const entries = sessions.map((session) => {
    const seen =
      session.id === view.currentId
        ? html`${words.activeNow}`
        : timed(words.lastActive, session.last_activity_at, { now: view.now, texts })
    const since = timed(words.signedInAt, session.auth_time, { now: view.now, texts })
    return renderEntry(frame, view, {
      ...{ entry: session, times: html`${seen} · ${since}`, action: '/sessions/end' },
      ...{ button: words.end, buttonOf: words.endOf, keepsCurrent: true },
    })
  })
  return html`<ul class="entries" aria-labelledby="sessions">${entries}</ul>`
}

/** What somebody signed in with before; each can be forgotten. */
export function renderDevices(frame: Frame, view: ListView, devices: readonly ShownDevice[]): Html {
  const { texts } = frame
  const { account: words } = texts
  if (devices.length === 0) return html`<p class="about">${words.noDevices}</p>`
  const entries = devices.map((device) => {
    const seen = timed(words.lastSeen, device.last_seen_at, { now: view.now, texts })
    const since = timed(words.firstSeen, device.first_seen_at, { now: view.now, texts })
    return renderEntry(frame, view, {
      entry: device,
      times: html`${seen} · ${since}${renderTrust(frame, device, view.now)}`,
      action: '/devices/forget',
      ...{ button: words.forget, buttonOf: words.forgetOf, keepsCurrent: false },
    })
  })
  return html`<ul class="entries" aria-labelledby="devices">${entries}</ul>`
}

/** Until when the second factor is not asked for on a device. */
function renderTrust({ texts }: Frame, { trusted_until: until }: ShownDevice, now: number) {
  if (until === null || until <= now) return undefined
  const time = dayText(until, texts.language)
  return html` · ${fill(texts.factors.trusted, { time })}`
}

interface Entry {
  readonly entry: Pick<ShownSession, 'id' | 'ip' | 'user_agent'>
  readonly times: Html
  /** Where its button posts to. */
  readonly action: string
  readonly button: string
  /** What the button is about, for those who hear it out of its place. */
  readonly buttonOf: string
  /** The one that looks has no button. */
  readonly keepsCurrent: boolean
}

function renderEntry(frame: Frame, view: ListView, shown: Entry): Html {
  const { account: words } = frame.texts
  const { entry } = shown
  const current = entry.id === view.currentId
  const device = deviceText(entry.user_agent, words)
  const address = entry.ip ?? words.unknownAddress
  const form = html`<form method="post" action="${view.path}${shown.action}">
${renderHidden(frame, { id: entry.id })}<button class="plain">${shown.button} <span class="unseen">${fill(shown.buttonOf, { device, address })}</span></button>
</form>`
  return html`<li><div>
<p><strong>${device}</strong>${current && html`<span class="badge">${words.thisOne}</span>`}</p>
<p class="about">${address} · ${shown.times}</p>
</div>${!(current && shown.keepsCurrent) && form}</li>
`
}

function deviceText(userAgent: string | null, words: PageTexts['account']): string {
  const { browser, system } = deviceOf(userAgent)
  if (browser && system) return fill(words.on, { browser, system })
  return browser ?? system ?? words.unknownDevice
}
