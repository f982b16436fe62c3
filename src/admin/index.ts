export type { AccountView } from './account-view.ts'
export type { By } from './by.ts'
export type { NewAccount, NewInvitation } from './creation.ts'
export { adminErrors } from './errors.ts'
export {
  adminEvents,
  type FactorResetRequested,
  type FactorResetWithdrawn,
  type UserChanged,
  type UserLocked,
  type UserSessionsEnded,
} from './events.ts'
export type { AccountFactors, FactorResetResult, PendingReset } from './factors.ts'
export type { AccountPage, AccountQuery } from './page.ts'
export type { GuessMemory, UserAdministrationParts } from './parts.ts'
export { ResetWatch } from './reset-watch.ts'
export { adminRoutes } from './routes.ts'
export type { LockOptions } from './standing.ts'
export { adminMigrations, type FactorResetRow } from './table.ts'
export { UserAdministration } from './user-administration.ts'
