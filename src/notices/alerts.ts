import type { Trx } from '../database/index.ts'
import type { EventInput, EventName, Recorder } from '../events/index.ts'
import type { MailRenderer, Outbox } from '../mail/index.ts'
import type { Clock } from '../ports/index.ts'

export interface AlertsParts {
  readonly outbox: Outbox
  readonly render: MailRenderer
  readonly clock: Clock
  readonly appName: string
  readonly baseUrl: string
  /** Address of those who look after the service. */
  readonly to: string
}

/** An alert that nobody could be sent for so long tells nobody anything. */
const waitsMs = 7 * 24 * 60 * 60 * 1000

/**
 * Tells the security team by mail of what cannot wait until somebody reads the log: the use of a decoy.
 * An alert is written in the transaction of what it tells of, which comes once.
 */
export class Alerts implements Recorder {
  readonly #parts: AlertsParts

  constructor(parts: AlertsParts) {
    this.#parts = parts
  }

  async record<N extends EventName>(trx: Trx, event: EventInput<N>): Promise<void> {
    if (!isDecoyUsed(event)) return
    const { appName, baseUrl, clock, outbox, render, to } = this.#parts
    const at = clock.now()
    const { ip, userAgent } = event.origin ?? {}
    const { keyId, name } = event.payload
    const facts = { at, ip, userAgent, key: `${name} (${keyId})` }
    const content = render('alert-decoy-used', { appName, link: baseUrl, facts })
    await outbox.enqueue(trx, { kind: 'alert-decoy-used', to, ...content, expiresAt: at + waitsMs })
  }
}

function isDecoyUsed(event: EventInput): event is EventInput<'api_key.decoy_used'> {
  return event.name === 'api_key.decoy_used'
}
