import { defineErrors } from '../errors/index.ts'

/** Errors of what is told about reports. */
export const cspErrors = defineErrors({
  csp_days_invalid: {
    status: 400,
    title: 'Invalid period',
    detail: 'Reports are told of a whole number of days, from 1 to 30.',
  },
})
