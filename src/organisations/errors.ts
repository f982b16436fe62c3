import { defineErrors } from '../errors/index.ts'

/** What an organisation refuses. */
export const organisationErrors = defineErrors({
  organisation_not_found: {
    status: 404,
    title: 'Organisation not found',
    detail: 'There is no organisation of this name that you belong to.',
  },
  organisation_exists: {
    status: 409,
    title: 'Short name taken',
    detail: 'Another organisation has this short name. Choose another one.',
  },
  organisation_limit: {
    status: 409,
    title: 'Enough organisations',
    detail: 'This account made as many organisations as one account may.',
  },
  short_name_limit: {
    status: 409,
    title: 'Enough short names',
    detail: 'This organisation had as many short names as one may. It can have one of those again.',
  },
  organisation_address_refused: {
    status: 403,
    title: 'Address not allowed',
    detail: 'This organisation may be used from certain networks only, and yours is none of them.',
  },
  organisation_shuts_out: {
    status: 409,
    title: 'You would be shut out',
    detail: 'The networks you named do not hold the address you are calling from. Add it first.',
  },
  member_ineligible: {
    status: 400,
    title: 'No possible member',
    detail: 'There is no account of this id that could belong to this organisation.',
  },
  member_exists: {
    status: 409,
    title: 'Member already',
    detail: 'This account belongs to the organisation already.',
  },
  member_not_found: {
    status: 404,
    title: 'Member not found',
    detail: 'No account of this id belongs to the organisation.',
  },
  last_owner: {
    status: 409,
    title: 'Last owner',
    detail: 'The last owner of an organisation stays. Appoint another one first.',
  },
  role_not_for_organisations: {
    status: 400,
    title: 'Not a role of organisations',
    detail: 'This role is held everywhere or not at all, so nobody holds it in an organisation.',
  },
  invitation_not_found: {
    status: 404,
    title: 'Invitation not found',
    detail: 'No invitation of this id waits in the organisation.',
  },
  invitation_invalid: {
    status: 400,
    title: 'Invitation not valid',
    detail:
      'This invitation does not work any more, or it was sent to another address than that of your account.',
  },
})
