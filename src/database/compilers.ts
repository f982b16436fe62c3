import {
  BinaryOperationNode,
  ColumnUpdateNode,
  MysqlQueryCompiler,
  type OperationNode,
  OperatorNode,
  PostgresQueryCompiler,
  PrimitiveValueListNode,
  ReferenceNode,
  SqliteQueryCompiler,
  ValueNode,
} from 'kysely'
import { encodeValue } from './codec.ts'
import { databaseErrors } from './errors.ts'

/*
 * kysely writes `where name = ['ann']` as `name = ('ann')`, which matches Ann: an array that came in
 * where text belongs would pass. Lists belong behind IN alone.
 */
function refuseStrayList(parent: OperationNode | undefined): void {
  if (parent === undefined || !mayHoldValue(parent) || isIn(parent)) return
  throw databaseErrors.value_unstorable({
    cause: new Error('refused a list where a value belongs'),
  })
}

function mayHoldValue(node: OperationNode): boolean {
  return BinaryOperationNode.is(node) || ColumnUpdateNode.is(node)
}

function isIn(node: OperationNode): boolean {
  if (!BinaryOperationNode.is(node) || !OperatorNode.is(node.operator)) return false
  return /^(not )?in$/.test(node.operator.operator)
}

/** SQLite's words, without stray lists. */
export class StrictSqliteCompiler extends SqliteQueryCompiler {
  protected override visitPrimitiveValueList(node: PrimitiveValueListNode): void {
    refuseStrayList(this.parentNode)
    super.visitPrimitiveValueList(node)
  }
}

/** PostgreSQL's words, without stray lists. */
export class StrictPostgresCompiler extends PostgresQueryCompiler {
  protected override visitPrimitiveValueList(node: PrimitiveValueListNode): void {
    refuseStrayList(this.parentNode)
    super.visitPrimitiveValueList(node)
  }
}

/**
 * MySQL's words, without stray lists. A number that is compared with a column travels as text:
 * `name = 0` would match every name that does not begin with a digit, `name = '0'` does not, and a
 * column of numbers reads its digits like the number.
 */
export class StrictMysqlCompiler extends MysqlQueryCompiler {
  protected override visitBinaryOperation(node: BinaryOperationNode): void {
    super.visitBinaryOperation(isComparison(node) ? withTextOperand(node) : node)
  }

  protected override visitPrimitiveValueList(node: PrimitiveValueListNode): void {
    refuseStrayList(this.parentNode)
    super.visitPrimitiveValueList(node)
  }
}

function isComparison({ leftOperand, operator }: BinaryOperationNode): boolean {
  if (!ReferenceNode.is(leftOperand) || !OperatorNode.is(operator)) return false
  return /^(=|!=|<>|<|<=|>|>=|<=>|(not )?in)$/.test(operator.operator)
}

function withTextOperand(node: BinaryOperationNode): BinaryOperationNode {
  const { leftOperand, operator, rightOperand: right } = node
  if (ValueNode.is(right) && !right.immediate) {
    return BinaryOperationNode.create(leftOperand, operator, ValueNode.create(asText(right.value)))
  }
  if (!PrimitiveValueListNode.is(right)) return node
  const list = PrimitiveValueListNode.create(right.values.map(asText))
  return BinaryOperationNode.create(leftOperand, operator, list)
}

function asText(value: unknown): unknown {
  return typeof value === 'number' ? String(encodeValue(value)) : value
}
