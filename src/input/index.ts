export { type BoundsQuestion, boundsFault } from './bounds.ts'
export {
  decodeCsvCell,
  encodeAttribute,
  encodeCsvCell,
  encodeHeaderParameter,
  encodeHeaderValue,
  encodeHtml,
  encodeLogLine,
  encodeUrlComponent,
} from './encode.ts'
export { inputErrors } from './errors.ts'
export type { InputPart } from './faults.ts'
export { Html, type HtmlValue, html } from './html.ts'
export type {
  ArrayRule,
  BooleanRule,
  CommonRule,
  DateRule,
  EnumRule,
  Flattened,
  FormattedRule,
  NumberRule,
  ObjectRule,
  RequiredField,
  Rule,
  RuleOutput,
  RuleSet,
  RuleSetOutput,
  RuleValue,
  StringRule,
  TextRule,
} from './rule-types.ts'
export { type Rules, rules } from './rules.ts'
export { type SafeUrlOptions, safeUrl } from './safe-url.ts'
export { sanitizeHtml } from './sanitize.ts'
export type { HtmlProfile } from './sanitize-profiles.ts'
export type { Shape } from './shape.ts'
export {
  type Sql,
  type SqlDialect,
  type SqlInterpolation,
  type SqlStatement,
  type SqlTag,
  type SqlValue,
  sql,
} from './sql.ts'
export type {
  IssueStep,
  SchemaOutput,
  StandardIssue,
  StandardResult,
  StandardSchema,
} from './standard-schema.ts'
export {
  type InputCheck,
  type InputResult,
  type InputSchemas,
  type SentInput,
  type ValidateOptions,
  type ValidInput,
  validateWith,
} from './validate.ts'
