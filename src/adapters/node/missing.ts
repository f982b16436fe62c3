import type { SecurityError } from '../../errors/index.ts'
import type { Exchange } from '../../http/index.ts'
import type { Security } from '../../security.ts'

/** In development: says in the log which permission or role a 403 was about. The answer never does. */
export function tellMissing(
  { config: { logger, mode } }: Security,
  { method, path, requestId }: Exchange,
  refusal: SecurityError,
): void {
  const { explanation } = refusal.extras
  if (mode !== 'development' || refusal.code !== 'forbidden' || explanation === undefined) return
  logger.info(`403: ${explanation}`, { method, path, requestId })
}
