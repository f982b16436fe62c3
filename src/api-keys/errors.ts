import { defineErrors } from '../errors/index.ts'

/** Refusals of keys and of what is asked for them. */
export const apiKeyErrors = defineErrors({
  api_key_invalid: {
    status: 401,
    title: 'API key not valid',
    detail:
      'The API key is not one that works here now. Its owner can see why in the list of keys.',
  },
  api_key_not_found: {
    status: 404,
    title: 'API key not found',
    detail: 'There is no API key of this id among those that are yours to see.',
  },
  api_key_not_rotatable: {
    status: 409,
    title: 'API key cannot be rotated',
    detail:
      'This key has a successor, or has ended, or the key that it replaced works still. Rotate the successor, wait for the overlap to end, or make a new key.',
  },
  api_key_limit_reached: {
    status: 409,
    title: 'Too many API keys',
    detail:
      'This owner has as many working keys as one may have, or got as many in a day. Revoke one that is not used, or wait.',
  },
  api_key_level_too_low: {
    status: 403,
    title: 'Second factor required for this key',
    detail:
      'Policy demands a second factor of the owner of this key, and a key is worth no more than the session that makes it. Prove a second factor in this session and ask again.',
  },
  scopes_required: {
    status: 400,
    title: 'Scopes required',
    detail:
      'Say what the key is for: "scopes" lists permissions. Those you may give are in "available".',
  },
  scope_outranks_owner: {
    status: 403,
    title: 'Scope outranks its owner',
    detail: 'A key holds nothing that its owner, or whoever makes it, does not hold.',
  },
  service_account_not_found: {
    status: 404,
    title: 'Service account not found',
    detail: 'There is no service account of this id.',
  },
  service_account_exists: {
    status: 409,
    title: 'Service account exists',
    detail: 'A service account has this name. Choose another one.',
  },
})
