export type { Database, Db, DialectName, Tables, Trx } from './types.ts'
