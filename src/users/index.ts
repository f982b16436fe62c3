export { userErrors } from './errors.ts'
export {
  findRealm,
  findUserByEmail,
  findUserByUsername,
  isUsernameTaken,
} from './name-store.ts'
export {
  type Asker,
  askerOf,
  defaultRealm,
  isNowhere,
  isUsableAt,
  laneName,
  nowhereAt,
  type RealmName,
  readAsker,
  realmOf,
} from './realm.ts'
export {
  type Activation,
  type Adoption,
  activateInvited,
  activateUser,
  adoptUser,
  beginGrace,
  bumpCredentials,
  changeStatus,
  claimCredentials,
  deleteUser,
  discardUnconfirmed,
  findInGraceAmong,
  findUserById,
  findUsers,
  findUsersToErase,
  insertUser,
  isInvited,
  lockUser,
  noteLastFailure,
  notePasskeys,
  noteSignIn,
  noteTotp,
  replaceEmail,
  type StatusChange,
  type UserPage,
} from './store.ts'
export { type AccountStatus, type UserRow, usersMigrations } from './table.ts'
export { hasSecondFactor, mayHoldSession, profileOf, type UserProfile } from './user.ts'
