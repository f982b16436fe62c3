export type { AccountView } from './account-view.ts'
export { adminErrors } from './errors.ts'
export { adminEvents, type UserChanged } from './events.ts'
export { adminRoutes } from './routes.ts'
export {
  type By,
  type NewAccount,
  UserAdministration,
  type UserAdministrationParts,
} from './user-administration.ts'
