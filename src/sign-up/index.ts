export { signUpErrors } from './errors.ts'
export {
  type RegistrationRepeated,
  signUpEvents,
  type UserRegistered,
  type UserVerified,
  type VerificationResent,
} from './events.ts'
export { passwordTag } from './password-tag.ts'
export { checkUsername, type Registration } from './request.ts'
export { signUpRoutes } from './routes.ts'
export { SignUp, type SignUpParts } from './sign-up.ts'
export { deleteRegistrationsOf, findLiveRegistrations, insertRegistration } from './store.ts'
export { type RegistrationRow, signUpMigrations } from './table.ts'
export {
  type LinkState,
  Verification,
  type VerificationParts,
  type VerificationRequest,
} from './verification.ts'
