import { Blocked, Detector } from '../detection/index.ts'
import type { Ground } from './ground.ts'

/** Recognition of attacks in what requests hold. */
export function wireDetection({ config, database, keyring, recorder, shadow }: Ground): Detector {
  const { clock, detection, logger } = config
  return new Detector({
    options: detection,
    ...{ clock, database, logger, shadow },
    blocked: new Blocked({ clock, recorder }),
    hashKey: keyring.derive('detection'),
  })
}
