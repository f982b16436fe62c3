import { ResetWatch } from '../admin/index.ts'
import { Alerts, Notices } from '../notices/index.ts'
import { Links } from '../recovery/index.ts'
import type { Ground } from './ground.ts'

/** Lets those who watch the rooms join the recorder, behind the audit log. */
export function wireObservers(ground: Ground): void {
  const { config, database, outbox, recorder, renderMail: render } = ground
  const { appName, baseUrl, clock, links, notices: rules, paths, random } = config
  recorder.add(
    new Notices({
      ...{ outbox, render, clock, appName, rules },
      links: new Links({ database, clock, random }),
      linkMs: links.reportMs,
      accountPage: `${baseUrl}${paths.account}`,
    }),
  )
  if (rules.securityTeam !== undefined) {
    recorder.add(new Alerts({ outbox, render, clock, appName, baseUrl, to: rules.securityTeam }))
  }
  if (config.mfa.fourEyes) recorder.add(new ResetWatch({ recorder, clock }))
}
