import { join } from 'node:path'

/** Where the example keeps its data and where it listens. */
export interface Settings {
  readonly dataDir: string
  readonly port: number
}

/** A wrong use of the command line or the environment; the message says what is right. */
export class UsageError extends Error {}

/** Reads `HOLDFAST_DATA_DIR` (default `.holdfast`) and `PORT` (default 3000). */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const port = env.PORT || '3000'
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`PORT must be a number from 1 to 65535, not '${port}'.`)
  }
  return { dataDir: env.HOLDFAST_DATA_DIR || '.holdfast', port: Number(port) }
}

/** The example's own database. */
export function retailDatabase(settings: Settings): string {
  return join(settings.dataDir, 'retail.db')
}

/** Holdfast's database. */
export function holdfastDatabase(settings: Settings): string {
  return join(settings.dataDir, 'holdfast.db')
}
