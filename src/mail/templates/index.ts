export type { MailFacts } from './facts.ts'
export {
  type MailData,
  type MailRenderer,
  mailRenderer,
  type RenderedMail,
  renderMail,
} from './render.ts'
export type { TakenFactors } from './taken.ts'
export type { MailTemplate, MailTexts, MailWords } from './texts.ts'
