export {
  type Activation,
  activateUser,
  bumpCredentials,
  changeStatus,
  findUserByEmail,
  findUserById,
  findUserByUsername,
  findUsers,
  insertUser,
  isUsernameTaken,
  noteFailure,
  noteSignIn,
  type StatusChange,
  type UserPage,
} from './store.ts'
export { type AccountStatus, type UserRow, usersMigrations } from './table.ts'
export { defaultRealm, mayHoldSession, profileOf, type UserProfile } from './user.ts'
