import { type HandledWebhook, WebhookDeliveries } from '../webhooks/index.ts'
import type { Ground } from './ground.ts'

/** Wires the deliveries of webhooks; `handled` fills as the app sets its webhooks up. */
export function wireWebhooks(
  { config, database, jobs, keyring, recorder }: Ground,
  handled: ReadonlyMap<string, HandledWebhook>,
): WebhookDeliveries {
  const { clock, logger, random } = config
  return new WebhookDeliveries({
    ...{ database, keyring, recorder, jobs, handled, clock, logger, random },
  })
}
