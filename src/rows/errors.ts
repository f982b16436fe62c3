import { defineErrors } from '../errors/index.ts'

/** Mistakes of an app with row-level security. */
export const rowErrors = defineErrors({
  caller_unset: {
    status: 500,
    title: 'Caller not set',
    detail: 'The database was not told for whom it is asked, so it would show no row.',
  },
  table_shared: {
    status: 500,
    title: 'Table of two resources',
    detail: 'Two resources name the same table, so that its rows would have two sets of rules.',
  },
})
