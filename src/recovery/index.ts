export {
  type AccountClosed,
  type AccountExported,
  type AccountReported,
  type EmailChanged,
  type EmailChangeRequested,
  type EmailChangeUndone,
  type PasswordChanged,
  type PasswordReset,
  type PasswordResetRequested,
  recoveryEvents,
  type SessionSteppedUp,
} from './events.ts'
export { Links, type LinksParts, type NewLink, type UsableLink } from './links.ts'
export type {
  EmailChangeRequest,
  LinkInspection,
  LinkRequest,
  OwnerRequest,
  PasswordChangeRequest,
  ResetRequest,
  StepUp,
} from './requests.ts'
export { type LinkPurpose, type LinkRow, recoveryMigrations } from './table.ts'
