import { defineErrors } from '../errors/index.ts'

const later = 'The request could not be decided right now. Try again shortly.'

/** What a database can answer. Rooms turn `database_duplicate` into a word of their own. */
export const databaseErrors = defineErrors({
  database_unavailable: { status: 503, title: 'Temporarily unavailable', detail: later },
  database_conflict: { status: 503, title: 'Temporarily unavailable', detail: later },
  database_locked: { status: 503, title: 'Temporarily unavailable', detail: later },
  database_outcome_unknown: {
    status: 503,
    title: 'Outcome unknown',
    detail:
      'The connection was lost while the change was being saved. Look whether it happened before trying again.',
  },
  database_duplicate: { status: 409, title: 'Already there', detail: 'This exists already.' },
  database_reference: {
    status: 409,
    title: 'Still in use',
    detail: 'This refers to something that does not exist, or something still refers to it.',
  },
  database_refused: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong on our side. The request id helps us to find it.',
  },
  value_unstorable: {
    status: 400,
    title: 'Invalid value',
    detail:
      'A value cannot be stored: text must be well-formed Unicode without NUL, numbers must be whole and safe.',
  },
  value_unreadable: {
    status: 500,
    title: 'Internal error',
    detail: 'A stored value is damaged. The request id helps us to find it.',
  },
  migration_changed: {
    status: 500,
    title: 'Migration changed',
    detail: 'A migration that has run differs from the one in this release. The log names it.',
  },
  migration_unknown: {
    status: 500,
    title: 'Database is newer',
    detail: 'The database was migrated by a newer release. The log names the migrations.',
  },
  migration_unfinished: {
    status: 500,
    title: 'Migration unfinished',
    detail: 'A migration stopped half-way and cannot go on by itself. The log names it.',
  },
  migration_locked: {
    status: 503,
    title: 'Migration running',
    detail: 'Another process has been migrating the database for too long.',
  },
})
