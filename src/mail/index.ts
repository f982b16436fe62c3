export { checkAddress } from './address.ts'
export { mailErrors } from './errors.ts'
export { DevelopmentMailbox, type KeptMail } from './mailbox.ts'
export { renderMailboxPage } from './mailbox-page.ts'
export { mailboxRoutes } from './mailbox-routes.ts'
export { type NewMail, Outbox, type OutboxOptions } from './outbox.ts'
export { type SmtpMailer, type SmtpMailerOptions, smtpMailer } from './smtp.ts'
export type { OutboxDepth } from './store.ts'
export { type MailState, mailMigrations, type OutboxRow } from './table.ts'
export {
  type MailData,
  type MailFacts,
  type MailRenderer,
  type MailTemplate,
  type MailTexts,
  type MailWords,
  mailRenderer,
  type RenderedMail,
  renderMail,
  type TakenFactors,
} from './templates/index.ts'
