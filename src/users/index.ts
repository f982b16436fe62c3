export {
  type Activation,
  type Adoption,
  activateInvited,
  activateUser,
  adoptUser,
  bumpCredentials,
  changeStatus,
  deleteUser,
  findUserByEmail,
  findUserById,
  findUserByUsername,
  findUsers,
  findUsersToErase,
  insertUser,
  isInvited,
  isUsernameTaken,
  noteFailure,
  noteSignIn,
  type StatusChange,
  type UserPage,
} from './store.ts'
export { type AccountStatus, type UserRow, usersMigrations } from './table.ts'
export { defaultRealm, mayHoldSession, profileOf, type UserProfile } from './user.ts'
