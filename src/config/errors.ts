import { defineErrors } from '../errors/index.ts'

/** Thrown at start, before anything listens. */
export const configErrors = defineErrors({
  invalid_configuration: {
    status: 500,
    title: 'Invalid configuration',
    detail: 'The configuration has mistakes. The message lists each with its path and its fix.',
  },
  insecure_secrets_file: {
    status: 500,
    title: 'Secrets file is not private',
    detail:
      'The file of secrets can be read by others, is not ours, or is damaged. The message says how to mend it.',
  },
})
