import { defineErrors } from '../errors/index.ts'

/** What an app's code can get wrong when it asks about a row. Nothing of it is a client's doing. */
export const conditionErrors = defineErrors({
  object_invalid: {
    status: 500,
    title: 'Object cannot be judged',
    detail: 'The object lacks a column that a rule reads, or holds a value of another type.',
  },
  attribute_invalid: {
    status: 500,
    title: 'Attribute of another type',
    detail:
      'The app gave an attribute of the caller a value that its declared type does not allow.',
  },
})
