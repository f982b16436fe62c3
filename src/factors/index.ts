export { decodeBase32 } from './base32.ts'
export { factorErrors } from './errors.ts'
export { type FactorCodeUsed, factorEvents } from './events.ts'
export { Factors } from './factors.ts'
export type {
  CodeGuess,
  CodeMethod,
  FactorParts,
  FactorStatus,
  TotpHolder,
  TotpSetup,
} from './parts.ts'
export { factorMigrations, type RecoveryCodeRow, type TotpRow } from './table.ts'
