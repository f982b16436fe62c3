import { defineErrors } from '../errors/index.ts'

/** Refusals of a caller who is known, and mistakes with roles. */
export const accessErrors = defineErrors({
  authentication_required: {
    status: 401,
    title: 'Authentication required',
    detail: 'Sign in first, or send a valid access token.',
  },
  forbidden: {
    status: 403,
    title: 'Forbidden',
    detail: 'Your account may not do this. An administrator can give it the right to.',
  },
  step_up_required: {
    status: 401,
    title: 'Recent proof required',
    detail:
      'Prove who you are again and repeat this: your last proof is too long ago, or too little.',
  },
  session_required: {
    status: 403,
    title: 'Session required',
    detail: 'An API key cannot do this. It takes a person who is signed in.',
  },
  route_without_policy: {
    status: 503,
    title: 'Route without a policy',
    detail:
      'This route does not say who may call it, so nobody may. Its developers have been told.',
  },
  role_invalid: {
    status: 500,
    title: 'Invalid role',
    detail: 'A role definition is wrong. The message of the error says where.',
  },
  permission_invalid: {
    status: 500,
    title: 'Not a permission',
    detail: 'The app asks for something that is no permission. The message of the error says what.',
  },
  resource_unknown: {
    status: 500,
    title: 'Unknown resource',
    detail: 'A rule cannot be read on these rows. The message of the error says why.',
  },
  role_unknown: {
    status: 400,
    title: 'Unknown role',
    detail: 'There is no role of this name.',
  },
  role_outranks_giver: {
    status: 403,
    title: 'Role outranks its giver',
    detail:
      'Nobody gives or takes a role, or changes an account, that holds more than they hold themselves.',
  },
  own_roles_unchangeable: {
    status: 403,
    title: 'Own roles cannot be changed',
    detail: 'Another administrator has to change your roles.',
  },
  own_account_unchangeable: {
    status: 403,
    title: 'Own account cannot be changed here',
    detail:
      'Another administrator has to do this. What is yours to change is among your own settings.',
  },
  last_super_admin: {
    status: 409,
    title: 'Last super administrator',
    detail: 'The last active super administrator stays. Appoint another one first.',
  },
  role_not_found: {
    status: 404,
    title: 'Role not found',
    detail: 'There is no role of this name.',
  },
  role_fixed: {
    status: 409,
    title: 'Role is fixed',
    detail: 'This role belongs to the app or to Holdfast. Its code changes it, and nothing else.',
  },
  role_definition_invalid: {
    status: 400,
    title: 'Invalid role definition',
    detail: 'The role cannot be defined like this. Each mistake stands in "errors" with its place.',
  },
  role_changed: {
    status: 409,
    title: 'Role has changed',
    detail: 'The role is not at the version you named. Read it again and repeat this.',
  },
  role_in_use: {
    status: 409,
    title: 'Role is in use',
    detail:
      'Somebody holds this role, is invited to it, or another role inherits it. End that first.',
  },
  grant_missing: {
    status: 404,
    title: 'Role not held',
    detail: 'This account does not hold this role.',
  },
})
