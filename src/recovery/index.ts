export { closedByOwner, reportedByOwner } from './account-state.ts'
export { recoveryErrors } from './errors.ts'
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
  type SessionStepUpFailed,
  type UserDiscarded,
} from './events.ts'
export type { AccountExport } from './export.ts'
export { accountText, type LinkAccount } from './link-account.ts'
export { Links, type LinksParts, type NewLink, type UsableLink } from './links.ts'
export type { RecoveryParts } from './parts.ts'
export { Recovery } from './recovery.ts'
export type {
  EmailChangeRequest,
  FactorStepUp,
  LinkInspection,
  LinkRequest,
  OwnerRequest,
  PasswordChangeRequest,
  PasswordStepUp,
  ResetRequest,
  StepUp,
  StepUpBase,
  StepUpOptionsRequest,
  StepUpRequest,
} from './requests.ts'
export { recoveryRoutes } from './routes.ts'
export { type LinkPurpose, type LinkRow, recoveryMigrations } from './table.ts'
