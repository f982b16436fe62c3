export { factorMigrations, type RecoveryCodeRow, type TotpRow } from './table.ts'
