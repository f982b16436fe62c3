import { defineErrors } from '../errors/index.ts'

export const auditErrors = defineErrors({
  audit_action_invalid: {
    status: 500,
    title: 'Invalid audit action',
    detail: 'An audit action is 1 to 100 characters of a-z, 0-9, dot, underscore and hyphen.',
  },
  audit_needs_transaction: {
    status: 500,
    title: 'Not a transaction',
    detail:
      'The option "tx" takes an open Kysely transaction: outside one the record could be lost.',
  },
})
