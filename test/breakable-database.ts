import type { Database } from '../src/database/index.ts'

/** A database that can be cut off for writing. */
export function breakableDatabase(real: Database): {
  database: Database
  cut: (away: boolean) => void
} {
  let away = false
  const cut = (state: boolean) => {
    away = state
  }
  const database: Database = Object.create(real, {
    transaction: {
      value: (work: Parameters<Database['transaction']>[0]) =>
        away ? Promise.reject(new Error('gone')) : real.transaction(work),
    },
    reader: { get: () => real.reader },
    dialect: { get: () => real.dialect },
  })
  return { database, cut }
}
