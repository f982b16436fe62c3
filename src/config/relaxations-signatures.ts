import type { RelaxationCheck } from './relaxations.ts'

const longWindowMs = 5 * 60_000

/** Signatures that count for longer than they should. */
export const signatureChecks: readonly RelaxationCheck[] = [
  [
    'signatures.window',
    (config) => config.signatures.windowMs > longWindowMs,
    'A signed request that was held back on its way counts for longer.',
  ],
]
