export { Enrolment } from './enrolment.ts'
export { enrolmentErrors } from './errors.ts'
export {
  type EnrolledFactor,
  enrolmentEvents,
  type FactorCodesRenewed,
  type FactorDisabled,
  type FactorEnabled,
  type FactorReset,
  type PasskeyRenamed,
} from './events.ts'
export type { FreshToken } from './fresh-token.ts'
export type { EnrolmentParts } from './parts.ts'
export type { EnrolPasskey, PasskeyAdded } from './passkey.ts'
export type {
  FactorChanged,
  FactorOverview,
  FactorRequest,
  FactorResetRequest,
  NewPasskeyRequest,
  PasskeyOptionsRequest,
  PasskeyRename,
  PasskeyRequest,
  PasskeyView,
  TotpCode,
  WithCodes,
} from './requests.ts'
export { passkeyView } from './requests.ts'
export { enrolmentRoutes } from './routes.ts'
export type { EnrolTotp } from './totp.ts'
