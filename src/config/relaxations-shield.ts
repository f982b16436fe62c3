import type { RelaxationCheck } from './relaxations.ts'

const controls = ['ipRules', 'https', 'size', 'limits', 'csrf', 'validation', 'access'] as const

/** Controls of the shield that do not refuse. */
export const shieldChecks: readonly RelaxationCheck[] = controls.map((control) => [
  `shield.${control}`,
  (config) => config.shield[control] !== 'on',
  'The control refuses nothing; in shadow it counts what it would refuse.',
])
