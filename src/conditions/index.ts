export {
  type ConditionContext,
  type ConditionFault,
  type ConditionVerdict,
  compileCondition,
} from './compile.ts'
export type {
  ColumnUse,
  CompareTest,
  CompiledCondition,
  MemberTest,
  Operator,
  Source,
  Test,
} from './compiled.ts'
export type {
  AllOf,
  AnyOf,
  AppObject,
  AttributeOperand,
  AttributeType,
  AttributeValues,
  CallerOperand,
  ColumnType,
  Comparison,
  Condition,
  ConditionCaller,
  LevelCondition,
  NotCondition,
  Operand,
  OwnerCondition,
  ResourceShape,
  Scalar,
  TenantCondition,
  TimeCondition,
  TimeWindow,
  Weekday,
} from './condition.ts'
export { conditionErrors } from './errors.ts'
export {
  allOf,
  anyOf,
  forbids,
  meets,
  memberValues,
  negated,
  type Question,
  readsRow,
  type Truth,
  withoutRow,
} from './meets.ts'
export { type CompiledWindow, compileWindow, isWithin, minuteOf, weekdays } from './time-window.ts'
export { compareText, literalValue, longestList, type Plain, sourceValue } from './values.ts'
