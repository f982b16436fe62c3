export { commonErrors } from './common.ts'
export {
  type DefinedErrors,
  defineErrors,
  type ErrorDefinition,
  type ErrorExtras,
  type ErrorFactory,
  type ErrorTable,
  type FieldFault,
  SecurityError,
} from './error.ts'
export { type Problem, type ProblemAnswer, toProblem } from './problem.ts'
export { didYouMean, editDistance, suggest } from './suggest.ts'
