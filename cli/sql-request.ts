import type { Constants } from './sql-constants.ts'
import { bare, isCall, nameOf, nodeAt, nodesAt, type SyntaxNode } from './sql-syntax.ts'

const parts = /^(?:query|body|params|headers|cookies|valid)$/
const requests = /^(?:req|request|ctx)$/

/** Whether an expression is a field of a request, by itself, by a name given to it, or as `{ text }`. */
export function isFromRequest(
  node: SyntaxNode | undefined,
  constants: Constants,
  depth = 0,
): boolean {
  const one = bare(node)
  if (!one || depth > 20) return false
  const asks = (part: SyntaxNode | undefined) => isFromRequest(part, constants, depth + 1)
  if (one.type === 'Identifier') return constants.valuesOf(String(one.name)).some(asks)
  if (one.type === 'LogicalExpression') return asks(nodeAt(one, 'left'))
  if (one.type === 'ObjectExpression') {
    const text = nodesAt(one, 'properties').find((property) =>
      /^(?:text|sql)$/.test(nameOf(nodeAt(property, 'key')) ?? ''),
    )
    return asks(nodeAt(text, 'value'))
  }
  if (isCall(one)) {
    const callee = nodeAt(one, 'callee')
    if (nameOf(callee) === 'String') return asks(nodesAt(one, 'arguments')[0])
    return /^(?:trim|toString)$/.test(nameOf(callee) ?? '') && asks(nodeAt(callee, 'object'))
  }
  const object = bare(nodeAt(one, 'object'))
  const isPart = parts.test(nameOf(one) ?? '') && requests.test(nameOf(object) ?? '')
  return isPart || (object !== undefined && asks(object))
}
