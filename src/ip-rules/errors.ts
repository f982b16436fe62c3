import { defineErrors } from '../errors/index.ts'

/** Refusals of addresses, and mistakes with the rules about them. */
export const ipRuleErrors = defineErrors({
  address_refused: {
    status: 403,
    title: 'Address refused',
    detail: 'Your network address may not reach this. Ask the administrators if it should.',
  },
  ip_rule_invalid: {
    status: 400,
    title: 'Invalid address rule',
    detail: 'An address rule cannot be used; nothing was changed. The faults say which and why.',
  },
  ip_rule_not_found: {
    status: 404,
    title: 'Address rule not found',
    detail: 'There is no address rule of this id.',
  },
  ip_rule_locks_you_out: {
    status: 409,
    title: 'Rule would lock you out',
    detail:
      'With this change your own address would be refused; nothing was changed. Allow your address first, or repeat it with "force": true.',
  },
  ip_rule_would_end: {
    status: 403,
    title: 'Rule would end earlier',
    detail:
      'A rule that is there would end earlier than it does now; nothing was changed. That takes the permission to end rules, "delete:security:ip-rules".',
  },
  ip_rules_full: {
    status: 409,
    title: 'Too many address rules',
    detail: 'There are 100,000 address rules, which is the most. Remove some, or use wider ranges.',
  },
})
