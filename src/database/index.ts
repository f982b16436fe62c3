export { type BatchBounds, inBatches } from './batches.ts'
export { ClockCheck, type ClockCheckParts } from './clock-check.ts'
export { json } from './codec.ts'
export { type Column, c } from './columns.ts'
export { type DeadlineOptions, withDeadline } from './deadline.ts'
export { databaseErrors } from './errors.ts'
export { findUniqueViolation, isUniqueViolation, type UniqueViolation } from './faults.ts'
export { agreeOn, type InstallationRow, installationMigrations } from './installation.ts'
export {
  type DueRows,
  giveBack,
  type Lease,
  type LeaseClaim,
  listDue,
  takeLease,
  unleased,
} from './leases.ts'
export {
  addColumn,
  createIndex,
  createTable,
  type FreeSql,
  type LaterParts,
  type Migration,
  type MigrationStep,
  migration,
  sqlStep,
} from './migration.ts'
export { type MigrationPlan, type MigrationStatus, Migrator } from './migrator.ts'
export { type OpenDatabaseOptions, openDatabase } from './open.ts'
export {
  affected,
  type BumpOptions,
  bumpCounter,
  dialectOf,
  insertIfAbsent,
  type UpsertOptions,
  upsert,
} from './portable.ts'
export { sqlitePath } from './sqlite-file.ts'
export { deleteExpired, type ExpiringRows } from './sweep.ts'
export { defineTable, type ForeignKey, indexName, type Table, type TableRow } from './table.ts'
export type {
  Database,
  DatabaseStatus,
  Db,
  DialectName,
  Row,
  Session,
  Storable,
  TableNaming,
  Tables,
  Trx,
} from './types.ts'
