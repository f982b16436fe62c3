import { changeEmailBody, changePasswordBody, reproofBody } from '../contract.ts'
import { clientKeyOf, originOf, type Route, route } from '../http/index.ts'
import { currentPasswordField, newPasswordField } from './fields.ts'
import { html } from './html.ts'
import { pageAnswer, seeOther } from './layout.ts'
import { whatHappens } from './link-pages.ts'
import { withNotice } from './notice.ts'
import { ownForm } from './own-form.ts'
import type { AccountPageParts } from './parts.ts'
import { fill, spanText } from './texts.ts'

/** What people do to their own accounts, each with the current password. */
export function ownAccountPages(parts: AccountPageParts): readonly Route[] {
  return [
    ...changePassword(parts),
    ...changeEmail(parts),
    ...exportData(parts),
    ...closeAccount(parts),
    wellKnown(parts),
  ]
}

/** Where password managers send people (W3C, A Well-Known URL for Changing Passwords). */
function wellKnown({ path }: AccountPageParts): Route {
  return route({
    method: 'GET',
    path: '/.well-known/change-password',
    kind: 'page',
    summary: 'Leads to the page on which a password is changed',
    policy: { kind: 'public' },
    responses: { 303: { description: 'There' } },
    handle: async () => seeOther(`${path}/password`),
  })
}

function changePassword(parts: AccountPageParts): readonly Route[] {
  return ownForm(parts, {
    name: 'password',
    summary: 'Page: change your password; your other sessions end',
    success: [303, 'Changed'],
    schema: changePasswordBody,
    title: ({ texts }) => texts.changePassword.title,
    intro: ({ frame }) => html`<p class="intro">${frame.texts.changePassword.intro}</p>`,
    form: ({ frame: { texts } }) => ({
      button: texts.changePassword.action,
      fields: [
        currentPasswordField(texts),
        newPasswordField(texts, { minLength: parts.passwordMinLength, anew: true }),
      ],
    }),
    act: async ({ auth, exchange, values }) => {
      const who = { auth, origin: originOf(exchange), devices: parts.cookies.devices(exchange) }
      const secret = await parts.recovery.changePassword({ ...who, ...values })
      const cookies = parts.cookies.renew(secret.transport, secret)
      return seeOther(withNotice(parts.path, 'password-changed'), cookies)
    },
  })
}

function changeEmail(parts: AccountPageParts): readonly Route[] {
  return ownForm(parts, {
    name: 'email',
    summary: 'Page: ask for another e-mail address; the same whether or not it is taken',
    success: [202, 'Check your mail'],
    schema: changeEmailBody,
    title: ({ texts }) => texts.changeEmail.title,
    intro: ({ frame, row }) =>
      html`<p class="intro">${fill(frame.texts.changeEmail.intro, { email: row.email })}</p>`,
    form: ({ frame: { texts }, values }) => ({
      button: texts.changeEmail.action,
      fields: [
        {
          ...{ name: 'email', label: texts.fields.newEmail, type: 'email' },
          ...{ autocomplete: 'email', value: values.email },
        } as const,
        currentPasswordField(texts),
      ],
    }),
    act: async ({ auth, exchange, frame, values }) => {
      const origin = originOf(exchange)
      await parts.recovery.changeEmail({
        auth,
        ...values,
        origin,
        devices: parts.cookies.devices(exchange),
        clientKey: clientKeyOf(exchange),
      })
      const { back, changeEmail: words } = frame.texts
      const content = html`<p>${fill(words.sent, { email: values.email.trim() })}</p>
<p class="intro">${words.sentMissing}</p>
<p><a class="button" href="${parts.path}">${back}</a></p>`
      return pageAnswer(frame, { title: words.sentTitle, content }, { status: 202 })
    },
  })
}

function exportData(parts: AccountPageParts): readonly Route[] {
  return ownForm(parts, {
    name: 'data',
    summary: 'Page: download what is kept about you, as JSON',
    success: [200, 'The file'],
    schema: reproofBody,
    title: ({ texts }) => texts.exportData.title,
    intro: ({ frame }) => html`<p class="intro">${frame.texts.exportData.intro}</p>`,
    form: ({ frame: { texts } }) => ({
      button: texts.exportData.action,
      fields: [currentPasswordField(texts)],
    }),
    act: async ({ auth, exchange, values }) => {
      const origin = originOf(exchange)
      const { sessionId, userId } = auth
      const devices = parts.cookies.devices(exchange)
      const password = values.currentPassword
      await parts.proof.prove({ userId, sessionId, password, origin, devices })
      const data = await parts.recovery.exportData({ auth, origin })
      return {
        status: 200,
        headers: {
          'cache-control': 'no-store',
          'content-disposition': 'attachment; filename="my-data.json"',
        },
        json: data,
      }
    },
  })
}

function closeAccount(parts: AccountPageParts): readonly Route[] {
  return ownForm(parts, {
    name: 'close',
    summary: 'Page: close your account',
    success: [200, 'Closed'],
    schema: reproofBody,
    title: ({ texts }) => texts.closeAccount.title,
    intro: ({ frame: { texts } }) => {
      const { effects, intro, keep } = texts.closeAccount
      const time = spanText(parts.eraseAfterMs, texts.language)
      return html`${whatHappens(
        intro,
        effects.map((effect) => fill(effect, { time })),
      )}
<p><a href="${parts.path}/data">${keep}</a></p>`
    },
    form: ({ frame: { texts } }) => ({
      button: texts.closeAccount.action,
      fields: [currentPasswordField(texts)],
      look: 'danger',
    }),
    act: async ({ auth, exchange, frame, values }) => {
      const devices = parts.cookies.devices(exchange)
      await parts.recovery.close({ auth, ...values, origin: originOf(exchange), devices })
      const { backToSignIn, closeAccount: words } = frame.texts
      const content = html`<p>${words.done}</p>
<p><a href="${parts.path}/sign-in">${backToSignIn}</a></p>`
      const page = { title: words.doneTitle, content }
      return { ...pageAnswer(frame, page), cookies: parts.cookies.clear() }
    },
  })
}
