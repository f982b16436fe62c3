import type { Route } from '../http/index.ts'
import { accountText } from '../recovery/index.ts'
import { forgotFields } from './forgot.ts'
import { type Html, html } from './html.ts'
import type { Frame } from './layout.ts'
import { type LinkPage, linkPages, type SeenLink } from './mailed-link.ts'
import type { AccountPageParts } from './parts.ts'
import { fill, spanText } from './texts.ts'

/** The pages of mailed links about an address and about "this was not me". */
export function recoveryLinkPages(parts: AccountPageParts): readonly Route[] {
  return [confirmEmail(parts), undoEmail(parts), notMe(parts)].flatMap((page) =>
    linkPages(parts, page),
  )
}

function confirmEmail({ path, recovery, undoMs }: AccountPageParts): LinkPage {
  const wordsOf = ({ texts }: Frame) => texts.confirmEmail
  return {
    name: 'confirm-email',
    purpose: 'change_email',
    summary: 'Page: confirm a new address',
    title: (frame) => wordsOf(frame).title,
    view: (frame, seen) => ({
      text: html`<p>${wordsOf(frame).intro}</p>
${whoseAccount(frame, seen, undoMs)}`,
      button: wordsOf(frame).action,
    }),
    act: (request) => recovery.confirmEmail(request),
    done: (frame) => ({
      title: wordsOf(frame).doneTitle,
      content: html`<p>${wordsOf(frame).done}</p>
<p><a class="button" href="${path}">${wordsOf(frame).doneAction}</a></p>`,
    }),
    unusable: (frame) => html`<p>${wordsOf(frame).unusable}</p>
<p><a class="button" href="${path}/email">${wordsOf(frame).unusableAction}</a></p>`,
  }
}

function undoEmail({ path, recovery }: AccountPageParts): LinkPage {
  const wordsOf = ({ texts }: Frame) => texts.undoEmail
  return {
    name: 'undo-email',
    purpose: 'undo_email',
    summary: 'Page: put the address before back and lock the account',
    title: (frame) => wordsOf(frame).title,
    view: (frame) => {
      const { action, effects, intro } = wordsOf(frame)
      return { text: whatHappens(intro, effects), button: action, look: 'danger' }
    },
    act: (request) => recovery.undoEmail(request),
    done: (frame) => {
      const { done, doneTitle } = wordsOf(frame)
      return {
        title: doneTitle,
        content: html`<p>${done}</p>
${backToSignIn(frame, path)}`,
      }
    },
    unusable: (frame) => orAskAnew(frame, path, wordsOf(frame).unusable),
  }
}

function notMe({ path, recovery }: AccountPageParts): LinkPage {
  const wordsOf = ({ texts }: Frame) => texts.notMe
  return {
    name: 'not-me',
    purpose: 'report',
    summary: 'Page: "this was not me"; ends every session and locks the account',
    title: (frame) => wordsOf(frame).title,
    view: (frame) => {
      const { action, effects, intro, ownDoing } = wordsOf(frame)
      const text = html`${whatHappens(intro, effects)}
<p>${ownDoing}</p>`
      return { text, button: action, look: 'danger' }
    },
    act: (request) => recovery.report(request),
    done: (frame) => {
      const { done, doneTitle } = wordsOf(frame)
      return {
        title: doneTitle,
        content: html`<p>${done}</p>
${backToSignIn(frame, path)}`,
      }
    },
    unusable: (frame) => orAskAnew(frame, path, wordsOf(frame).unusable),
  }
}

/** Whose account it is: whoever is lured into another's would lose to the old address what is put in. */
function whoseAccount({ texts }: Frame, { account, callerId }: SeenLink, undoMs: number): Html {
  if (!account) return html``
  const { account: of, foreign, takeBack } = texts.confirmEmail
  const isForeign = callerId !== undefined && callerId !== account.id
  return html`<p>${fill(of, { account: accountText(account) })}</p>
<p>${fill(takeBack, { time: spanText(undoMs, texts.language) })}</p>
${isForeign ? html`<p class="fault"><strong>${foreign}</strong></p>` : ''}`
}

/** What a button will do, point by point. */
export function whatHappens(intro: string, effects: readonly string[]): Html {
  return html`<p>${intro}</p>
<ul class="effects">${effects.map((effect) => html`<li>${effect}</li>`)}</ul>`
}

function backToSignIn({ texts }: Frame, path: string): Html {
  return html`<ul class="links"><li><a href="${path}/sign-in">${texts.backToSignIn}</a></li></ul>`
}

function orAskAnew(frame: Frame, path: string, text: string): Html {
  return html`<p>${text}</p>
${forgotFields(frame, { path })}`
}
