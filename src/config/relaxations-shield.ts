import type { RelaxationCheck } from './relaxations.ts'
import { addressChecks } from './relaxations-addresses.ts'
import { signatureChecks } from './relaxations-signatures.ts'

const controls = ['ipRules', 'https', 'size', 'limits', 'csrf', 'validation', 'access'] as const

/** Controls of the shield that do not refuse. */
const modeChecks: readonly RelaxationCheck[] = controls.map((control) => [
  `shield.${control}`,
  (config) => config.shield[control] !== 'on',
  'The control refuses nothing; in shadow it counts what it would refuse.',
])

/** What the options have made the shield let pass. */
export const shieldChecks: readonly RelaxationCheck[] = [
  ...modeChecks,
  ...addressChecks,
  ...signatureChecks,
]
