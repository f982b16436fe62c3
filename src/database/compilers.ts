import {
  BinaryOperationNode,
  ColumnUpdateNode,
  MysqlQueryCompiler,
  type OperationNode,
  OperatorNode,
  PostgresQueryCompiler,
  type PrimitiveValueListNode,
  SqliteQueryCompiler,
} from 'kysely'
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

/** MySQL's words, without stray lists. */
export class StrictMysqlCompiler extends MysqlQueryCompiler {
  protected override visitPrimitiveValueList(node: PrimitiveValueListNode): void {
    refuseStrayList(this.parentNode)
    super.visitPrimitiveValueList(node)
  }
}
