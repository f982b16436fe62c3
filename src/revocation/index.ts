export {
  type Revocation,
  type RevocationListener,
  type RevocationParts,
  Revocations,
} from './revocations.ts'
export { revocationMigrations } from './table.ts'
