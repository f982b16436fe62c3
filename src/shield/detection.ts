import type { Detector } from '../detection/index.ts'
import type { Exchange } from '../http/index.ts'

export interface DetectionStepParts {
  readonly detector: Detector
}

/** Refuses a request whose path, query, headers or cookies look like an attack, by the option `detection`. */
export function detection(exchange: Exchange, { detector }: DetectionStepParts): undefined {
  detector.inspectHead(exchange)
}
