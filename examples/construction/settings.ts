import { join } from 'node:path'

/** Where the example keeps its data and where it listens. */
export interface Settings {
  readonly dataDir: string
  readonly port: number
  /** PostgreSQL for both the app and Holdfast; absent: two SQLite files in `dataDir`. */
  readonly databaseUrl?: string
}

/** A wrong use of the environment; the message says what is right. */
export class UsageError extends Error {}

/** Reads `HOLDFAST_DATA_DIR` (default `.holdfast-construction`), `PORT` (default 3100) and `DATABASE_URL`. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const port = env.PORT || '3100'
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`PORT must be a number from 1 to 65535, not '${port}'.`)
  }
  const { DATABASE_URL: url } = env
  if (url && !/^postgres(?:ql)?:\/\//.test(url)) {
    throw new UsageError('DATABASE_URL must be postgres://...; without it the data is in files.')
  }
  return {
    dataDir: env.HOLDFAST_DATA_DIR || '.holdfast-construction',
    port: Number(port),
    ...(url ? { databaseUrl: url } : {}),
  }
}

/** Holdfast's database. */
export function holdfastDatabase({ databaseUrl, dataDir }: Settings): string {
  return databaseUrl ?? `sqlite:${join(dataDir, 'holdfast.db')}`
}
