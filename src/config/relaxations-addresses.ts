import type { RelaxationCheck } from './relaxations.ts'

/** How paths are read. */
export const addressChecks: readonly RelaxationCheck[] = [
  [
    'target.encodedSlash',
    (config) => config.target.encodedSlash === 'allow',
    'A proxy or a file system may take `%2F` for a slash and find another route than the guards.',
  ],
]
