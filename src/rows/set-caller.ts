import { CompiledQuery } from 'kysely'
import type { Auth, RowOptions } from '../http/index.ts'
import { rowErrors } from './errors.ts'
import { settingNames } from './settings.ts'

/** A client of `pg` inside a transaction; whatever else has its `query` will do. */
export interface CallerClient {
  query(
    text: string,
    values: string[],
  ): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>
}

/** A transaction of Kysely over PostgreSQL, of any tables. */
export interface CallerTransaction {
  readonly isTransaction: true
  executeQuery(
    query: CompiledQuery<Readonly<Record<string, unknown>>>,
  ): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>
}

/**
 * Tells PostgreSQL for whom the statements of this transaction are, so that row-level security lets
 * through what she may touch. The settings are local to the transaction: whoever gets the connection
 * next starts without them. Outside a transaction they would be gone at once; that and a pool throw
 * `caller_unset`, and `attribute_invalid` is thrown for a value that no setting can hold.
 */
export async function setCaller(
  target: CallerClient | CallerTransaction,
  auth: Pick<Auth, 'settings'>,
  options?: RowOptions,
): Promise<void> {
  const settings = Object.entries(auth.settings(options))
  const calls = settings.map((_, at) => `set_config($${at * 2 + 1}, $${at * 2 + 2}, true)`)
  await ask(target, `select ${calls.join(', ')}`, settings.flat())
  const current = `select current_setting($1, true) as kept`
  const kept = await ask(target, current, [settingNames.now])
  const [expected] = settings.filter(([name]) => name === settingNames.now)
  const explanation =
    'setCaller needs an open transaction: call it after begin, on the client that runs the queries.'
  if (kept[0]?.kept !== expected?.[1]) throw rowErrors.caller_unset({ explanation })
}

async function ask(target: CallerClient | CallerTransaction, text: string, values: string[]) {
  if (!('isTransaction' in target)) return (await target.query(text, values)).rows
  return (await target.executeQuery(CompiledQuery.raw(text, values))).rows
}
