import { defineErrors, type SecurityError } from '../../errors/index.ts'

/** Mistakes in the routes of an app; all but `rows_unchecked` are thrown while it is put together. */
export const guardErrors = defineErrors({
  guard_invalid: {
    status: 500,
    title: 'Invalid guard',
    detail: 'A guard names something that is not a permission, role, resource or limit.',
  },
  rows_unchecked: {
    status: 503,
    title: 'Rows not checked',
    detail:
      'In development alone: the handler of this route did not ask which rows its caller may see. Its log says more.',
  },
  path_clash: {
    status: 503,
    title: 'Path used twice',
    detail: "A route of the app stands at a path of Holdfast's own. Its developers have been told.",
  },
})

/** Thrown while the app is being put together; its message says what is wrong and how to mend it. */
export function invalidGuard(explanation: string): SecurityError {
  return guardErrors.guard_invalid({ explanation })
}
