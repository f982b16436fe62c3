import { Blocked, Detector } from '../detection/index.ts'
import type { Ground } from './ground.ts'

/** Recognition of attacks in what requests hold. */
export function wireDetection({ config, database, keyring, recorder, shadow }: Ground): Detector {
  const { body, clock, detection, logger } = config
  return new Detector({
    options: detection,
    ...{ clock, database, logger, shadow },
    blocked: new Blocked({ clock, recorder }),
    bodyBytes: Math.max(body.jsonBytes, body.formBytes),
    ownOrigin: new URL(config.baseUrl).origin,
    hashKey: keyring.derive('detection'),
  })
}
