export { importEvents, type UserImported } from './events.ts'
export type { ImportRefusal, ImportRefusalCode } from './refusal.ts'
export { importMigrations } from './table.ts'
export {
  type ImportOptions,
  type ImportProgress,
  type ImportSummary,
  UserImports,
  type UserImportsParts,
} from './user-imports.ts'
