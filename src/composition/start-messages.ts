import { type Config, relaxations } from '../config/index.ts'
import { wantsMailbox } from './ground.ts'

/** What development itself makes weaker: its own start says so, and nobody chose it by an option. */
const ofDevelopment: ReadonlySet<string> = new Set(['mode', 'baseUrl'])

/** Where mail goes, when it does not simply go out. */
export function tellAboutMail(config: Config): void {
  const { baseUrl, logger, mail, mode } = config
  if (wantsMailbox(config)) logger.info(`mail is kept at ${baseUrl}/dev/mailbox`)
  else if (mode === 'production' && !mail.mailer && !mail.smtpUrl) {
    logger.warn('no mail server is set (SMTP_URL): nobody can confirm an address')
  }
}

/** A warning for each option that is weaker than its default, so that nothing is relaxed in silence. */
export function tellRelaxations(config: Config): void {
  const { logger, mode } = config
  for (const { meaning, option } of relaxations(config)) {
    if (mode === 'development' && ofDevelopment.has(option)) continue
    logger.warn(`weaker than its default: ${option}: ${meaning}`)
  }
}
