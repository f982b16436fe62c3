import type { RelaxationCheck } from './relaxations.ts'

const usualThreshold = 5

/** Recognition of attacks that is switched off or made deaf. */
export const detectionChecks: readonly RelaxationCheck[] = [
  [
    'detection.mode',
    (config) => config.detection.mode === 'off',
    'Attacks are neither refused nor counted.',
  ],
  [
    'detection.mode',
    (config) => config.profile === 'strict' && config.detection.mode === 'monitor',
    'Attacks are counted; profile strict refuses them.',
  ],
  [
    'detection.threshold',
    (config) => config.detection.threshold > usualThreshold,
    'One clear sign of an attack is not enough: several have to come together.',
  ],
]
