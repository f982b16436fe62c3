import {
  type BodyKind,
  defaultFormBounds,
  defaultJsonBounds,
  inputError,
} from '../../http/index.ts'
import { boundsFault } from '../../input/index.ts'

/**
 * Checks a body that a parser of the app has read before us by the bounds of our own reader. What only
 * the bytes showed, a key sent twice for one, is lost. Throws the same 400 as our own reader.
 */
export function checkParsedBody(body: unknown, kind: BodyKind): void {
  if (body instanceof Uint8Array) return
  const objectKeys = kind === 'json' ? defaultJsonBounds.objectKeys : defaultFormBounds.fields
  const fault = boundsFault(body, { objectKeys })
  if (fault) throw inputError(fault, '#/body')
}
