import { commonErrors } from '../errors/index.ts'

/** Throws `invalid_request` (`in_the_past`) for an end that is not to come; absent is no end. */
export function refusePast(
  instant: number | undefined,
  { field, now }: { readonly field: string; readonly now: number },
): void {
  if (instant === undefined || instant > now) return
  const detail = 'This end lies in the future, in epoch milliseconds.'
  throw commonErrors.invalid_request({
    faults: [{ pointer: `#/body/${field}`, code: 'in_the_past', detail }],
    explanation: `${field}: ${detail}`,
  })
}
