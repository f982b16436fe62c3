import type { Route } from '../http/index.ts'
import { accountRoutes } from './account.ts'
import { enrolStepPages } from './enrol-step.ts'
import { forgotPages } from './forgot.ts'
import { invitationPages } from './invitation.ts'
import { recoveryLinkPages } from './link-pages.ts'
import { ownAccountPages } from './own-account.ts'
import { ownAppPages } from './own-app.ts'
import { ownPasskeyPages } from './own-passkeys.ts'
import type { AccountPageParts } from './parts.ts'
import { provePages } from './prove.ts'
import { registerPages } from './register.ts'
import { resendPages } from './resend.ts'
import { resetPages } from './reset.ts'
import { secondStepPages } from './second-step.ts'
import { signInPages } from './sign-in.ts'
import { verifyPages } from './verify.ts'

export { type Html, type HtmlValue, html } from './html.ts'
export { type Frame, type Page, pageAnswer, renderPage, seeOther } from './layout.ts'
export { localPath } from './next.ts'
export type { AccountPageParts } from './parts.ts'
export {
  answerWithProblemPage,
  asksForPage,
  type ProblemPageContext,
  renderProblemPage,
} from './problem-page.ts'
export { english, type PageLanguage, type PageTexts } from './texts.ts'

/** The server-rendered pages of an account. They need no script but for passkeys and to prove work. */
export function accountPages(parts: AccountPageParts): readonly Route[] {
  return [
    ...registerPages(parts),
    ...verifyPages(parts),
    ...resendPages(parts),
    ...signInPages(parts),
    ...secondStepPages(parts),
    ...enrolStepPages(parts),
    ...forgotPages(parts),
    ...resetPages(parts),
    ...recoveryLinkPages(parts),
    ...invitationPages(parts),
    ...accountRoutes(parts),
    ...ownAccountPages(parts),
    ...ownAppPages(parts),
    ...ownPasskeyPages(parts),
    ...provePages(parts),
  ]
}
