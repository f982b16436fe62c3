import type { DetectionOptions } from './options-detection.ts'

/** Recognition of attacks. */
export type DetectionConfig = Readonly<Required<DetectionOptions>>
