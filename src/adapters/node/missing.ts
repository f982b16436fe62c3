import type { SecurityError } from '../../errors/index.ts'
import type { Exchange } from '../../http/index.ts'
import type { Security } from '../../security.ts'

/**
 * Tells the record of a permission that was lacking. In development the log says which permission or
 * role a 403 was about, or why an object was not to be found. The answer never does.
 */
export function tellMissing(
  security: Security,
  { method, path, requestId }: Exchange,
  refusal: SecurityError,
): void {
  const { explanation } = refusal.extras
  security.running?.rooms.access.refusals.note(refusal)
  const { logger, mode } = security.config
  const isTold = refusal.code === 'forbidden' || refusal.code === 'not_found'
  if (mode !== 'development' || !isTold || explanation === undefined) return
  logger.info(`${refusal.status}: ${explanation}`, { method, path, requestId })
}
