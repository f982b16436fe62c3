import { bare, isCall, nameOf, nodeAt, nodesAt, type SyntaxNode, walkSyntax } from './sql-syntax.ts'

/** Everything that a name of a module is ever given. Scopes are not told apart: one unknown value is enough. */
interface Binding {
  unknown: boolean
  imported: boolean
  readonly values: SyntaxNode[]
}

const literals = [
  'StringLiteral',
  'NumericLiteral',
  'BooleanLiteral',
  'NullLiteral',
  'BigIntLiteral',
]
/** Calls whose result is a number, or quoted by the driver itself. */
const harmless =
  /^(?:Number|parseInt|parseFloat|BigInt|isNaN|escapeIdentifier|escapeLiteral|escapeId|quoteIdentifier|quoteIdent|now|getTime)$/
const grown = ['push', 'unshift']

/** Which expressions of a module are made of nothing but what stands in its source, or of numbers. */
export class Constants {
  readonly #bindings = new Map<string, Binding>()

  constructor(program: SyntaxNode) {
    walkSyntax(program, (node) => {
      this.#learn(node)
      return true
    })
  }

  /** What a name is given, where that is known. */
  valuesOf(name: string): readonly SyntaxNode[] {
    return this.#bindings.get(name)?.values ?? []
  }

  /** Whether nothing from outside can be in what `node` gives. */
  has(node: SyntaxNode | undefined, seen: ReadonlySet<SyntaxNode> = new Set()): boolean {
    const one = bare(node)
    if (!one || seen.has(one)) return true
    const within = new Set([...seen, one])
    const all = (nodes: readonly (SyntaxNode | undefined)[]) =>
      nodes.every((part) => this.has(part, within))
    if (literals.includes(one.type)) return true
    switch (one.type) {
      case 'TemplateLiteral':
        return all(nodesAt(one, 'expressions').filter((_, at) => !isPlaceAt(one, at)))
      case 'BinaryExpression':
        return one.operator !== '+' || all([nodeAt(one, 'left'), nodeAt(one, 'right')])
      case 'UnaryExpression':
      case 'UpdateExpression':
        return true
      case 'LogicalExpression':
        return all([nodeAt(one, 'left'), nodeAt(one, 'right')])
      case 'ConditionalExpression':
        return all([nodeAt(one, 'consequent'), nodeAt(one, 'alternate')])
      case 'ArrayExpression':
        return all(nodesAt(one, 'elements'))
      case 'SpreadElement':
        return all([nodeAt(one, 'argument')])
      case 'ObjectExpression':
        return nodesAt(one, 'properties').every((property) =>
          this.has(nodeAt(property, 'value'), within),
        )
      case 'ArrowFunctionExpression':
      case 'FunctionExpression':
        return all(resultsOf(one))
      case 'Identifier':
        return this.#hasName(String(one.name), within)
      case 'MemberExpression':
      case 'OptionalMemberExpression':
        return nameOf(one) === 'length' || this.#hasMember(one, within)
      default:
        return (
          /^(?:Optional)?CallExpression$|^NewExpression$/.test(one.type) &&
          this.#hasCall(one, within)
        )
    }
  }

  #hasName(name: string, seen: ReadonlySet<SyntaxNode>): boolean {
    if (name === 'undefined') return true
    const binding = this.#bindings.get(name)
    // What others export in capitals is a constant by the custom of the language.
    if (!binding || binding.imported) return /^[A-Z][A-Z0-9_]+$/.test(name)
    return (
      !binding.unknown &&
      binding.values.length > 0 &&
      binding.values.every((one) => this.has(one, seen))
    )
  }

  /** A field of a table that stands in the source: whichever is chosen, it was written here. */
  #hasMember(node: SyntaxNode, seen: ReadonlySet<SyntaxNode>): boolean {
    const object = bare(nodeAt(node, 'object'))
    return object?.type !== 'ThisExpression' && this.has(object, seen)
  }

  #hasCall(node: SyntaxNode, seen: ReadonlySet<SyntaxNode>): boolean {
    const callee = nodeAt(node, 'callee')
    const name = nameOf(callee) ?? ''
    const given = nodesAt(node, 'arguments')
    const object = bare(nodeAt(callee, 'object'))
    if (harmless.test(name) || nameOf(object) === 'Math') return true
    const constant = given.every((one) => this.has(one, seen))
    if (name === 'map' || name === 'flatMap' || name === 'fill') return constant && given.length > 0
    if (name === 'from' && nameOf(object) === 'Array')
      return given.length > 1 && this.has(given[1], seen)
    if (name === 'Array') return given.length === 1
    if (name === 'keys' || name === 'values') {
      return nameOf(object) === 'Object' ? constant : this.has(object, seen)
    }
    return object !== undefined && constant && this.has(object, seen)
  }

  #learn(node: SyntaxNode): void {
    if (node.type === 'VariableDeclarator') {
      this.#declare(nodeAt(node, 'id'), nodeAt(node, 'init'))
    } else if (node.type === 'AssignmentExpression') {
      const left = nodeAt(node, 'left')
      if (left?.type === 'Identifier') this.#give(String(left.name), nodeAt(node, 'right'))
    } else if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') {
      const [declared] = nodesAt(nodeAt(node, 'left'), 'declarations')
      this.#declare(nodeAt(declared, 'id'), nodeAt(node, 'right'))
    } else if (/Function|Method$/.test(node.type)) {
      for (const parameter of nodesAt(node, 'params')) this.#forget(parameter)
    } else if (node.type === 'CatchClause') this.#forget(nodeAt(node, 'param'))
    else if (/^Import.*Specifier$/.test(node.type)) this.#import(nodeAt(node, 'local'))
    else if (isCall(node)) this.#grow(node)
  }

  #declare(id: SyntaxNode | undefined, value: SyntaxNode | undefined): void {
    if (id?.type !== 'Identifier') this.#forget(id)
    else if (value) this.#give(String(id.name), value)
  }

  #grow(node: SyntaxNode): void {
    const callee = nodeAt(node, 'callee')
    const object = nodeAt(callee, 'object')
    if (!grown.includes(nameOf(callee) ?? '') || object?.type !== 'Identifier') return
    for (const value of nodesAt(node, 'arguments')) this.#give(String(object.name), value)
  }

  #give(name: string, value: SyntaxNode | undefined): void {
    if (value) this.#bindingOf(name).values.push(value)
  }

  /** Every name in a pattern or parameter may be anything. */
  #forget(pattern: SyntaxNode | undefined): void {
    if (!pattern) return
    walkSyntax(pattern, (node) => {
      if (node.type === 'Identifier') this.#bindingOf(String(node.name)).unknown = true
      return node.type !== 'AssignmentPattern' || this.#forgetLeft(node)
    })
  }

  #forgetLeft(node: SyntaxNode): boolean {
    this.#forget(nodeAt(node, 'left'))
    return false
  }

  #import(local: SyntaxNode | undefined): void {
    if (local) this.#bindingOf(String(local.name)).imported = true
  }

  #bindingOf(name: string): Binding {
    const known = this.#bindings.get(name)
    if (known) return known
    const fresh: Binding = { unknown: false, imported: false, values: [] }
    this.#bindings.set(name, fresh)
    return fresh
  }
}

/** What a function gives back: its expression, or the arguments of its returns. */
function resultsOf(node: SyntaxNode): readonly (SyntaxNode | undefined)[] {
  const body = nodeAt(node, 'body')
  if (body?.type !== 'BlockStatement') return [body]
  const results: (SyntaxNode | undefined)[] = []
  walkSyntax(body, (one) => {
    if (one.type === 'ReturnStatement') results.push(nodeAt(one, 'argument'))
    return !/Function/.test(one.type)
  })
  return results
}

/** Whether a hole of a template is the number of a place: `$${i + 1}`. */
function isPlaceAt(template: SyntaxNode, at: number): boolean {
  const [quasi, hole] = [nodesAt(template, 'quasis')[at], nodesAt(template, 'expressions')[at]]
  const { raw = '' } = (quasi?.value ?? {}) as { readonly raw?: string }
  return raw.endsWith('$') && isPlaceNumber(hole)
}

const placeNames = /^(?:i|j|k|n|at|idx|index|count|position|offset|param\w*(?:Index|Count|Number))$/

/** A counter, or a sum of one and a number. */
export function isPlaceNumber(node: SyntaxNode | undefined): boolean {
  const one = bare(node)
  if (one?.type === 'Identifier') return placeNames.test(String(one.name))
  if (one?.type === 'NumericLiteral' || one?.type === 'UpdateExpression') return true
  const isSum = one?.type === 'BinaryExpression' && one.operator === '+'
  const isLength = nameOf(one) === 'length'
  return (
    isLength || (isSum && isPlaceNumber(nodeAt(one, 'left')) && isPlaceNumber(nodeAt(one, 'right')))
  )
}
