export { type CeremonyKind, type CeremonyRow, type PasskeyRow, passkeyMigrations } from './table.ts'
