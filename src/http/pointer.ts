/** One step of a JSON pointer (RFC 6901), cut so that a long key does not make a long answer. */
export function pointerStep(step: PropertyKey, most = 64): string {
  return String(step).slice(0, most).replaceAll('~', '~0').replaceAll('/', '~1')
}
