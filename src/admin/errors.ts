import { defineErrors } from '../errors/index.ts'

export const adminErrors = defineErrors({
  account_exists: {
    status: 409,
    title: 'Account exists',
    detail: 'An account with this address or username exists already.',
  },
  account_not_found: {
    status: 404,
    title: 'Account not found',
    detail: 'There is no account of this id, address or username.',
  },
  invitations_closed: {
    status: 403,
    title: 'Invitations closed',
    detail:
      'Registration is closed here, also for those who are invited. Make the account with a password.',
  },
  second_administrator_dependent: {
    status: 403,
    title: 'Not a second administrator',
    detail:
      'Somebody else asked for this, and one of you made or appointed the other, or you were appointed after it was asked for. Another administrator has to agree.',
  },
  account_state_conflict: {
    status: 409,
    title: 'Not possible in this state',
    detail:
      'The status of the account, named in "accountStatus", does not allow this. Change that first.',
  },
})
