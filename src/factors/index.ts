export { decodeBase32 } from './base32.ts'
export { factorErrors } from './errors.ts'
export { type FactorCodeUsed, factorEvents } from './events.ts'
export {
  type CodeGuess,
  type CodeMethod,
  type FactorParts,
  type FactorStatus,
  Factors,
  type TotpSetup,
} from './factors.ts'
export { factorMigrations, type RecoveryCodeRow, type TotpRow } from './table.ts'
