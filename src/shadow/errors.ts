import { defineErrors } from '../errors/index.ts'

/** Errors of reports about the shield. */
export const shadowErrors = defineErrors({
  shield_report_invalid: {
    status: 400,
    title: 'Invalid report',
    detail: 'A report is about a whole number of days, from 1 to 30.',
  },
})
