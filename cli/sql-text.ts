import { type Constants, isPlaceNumber } from './sql-constants.ts'
import { bare, isCall, nameOf, nodeAt, nodesAt, type SyntaxNode } from './sql-syntax.ts'

/** Stands for what is only known when the program runs. */
const hole = '\u00a4'

const verbs =
  'select|insert|update|delete|replace|merge|with|create|drop|alter|truncate|grant|revoke|call|exec|explain|declare|begin|set'
const heads = new RegExp(`^\\s*\\(?\\s*(?:${verbs}|${verbs.toUpperCase()})\\b`)

const things =
  '(?:table|index|view|database|schema|user|role|trigger|function|sequence|type|column|unique)'
const statements = [
  'select\\s[^]*?\\bfrom\\b',
  'insert\\s+(?:or\\s+\\w+\\s+|ignore\\s+)?into\\s',
  'replace\\s+into\\s',
  'merge\\s+into\\s',
  'update\\s+(?:only\\s+)?\\S+(?:\\s+(?:as\\s+)?\\w+)?\\s+set\\s',
  'delete\\s+from\\s',
  'with\\s+(?:recursive\\s+)?\\S+\\s*(?:\\([^)]*\\)\\s*)?as\\s*\\(',
  `(?:create|drop|alter|truncate)\\s+(?:or\\s+replace\\s+|temp\\w*\\s+|unique\\s+|if\\s+)*${things}\\b`,
  'truncate\\s+\\S+\\s*;?$',
  '(?:grant|revoke)\\s[^]*?\\bon\\b',
]
// Capitalised words, as in "Select one from the list", begin sentences and not statements.
const whole = new RegExp(`^\\s*\\(?\\s*(?:${statements.join('|')})`, 'i')

/** Whether a text is SQL beyond doubt. */
export function looksLikeStatement(text: string): boolean {
  const plain = text.slice(0, 2_000).replace(/^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*/, '')
  return heads.test(plain) && whole.test(plain)
}

/** Texts that are put together while a program runs. */
export class BuiltText {
  readonly #constants: Constants

  constructor(constants: Constants) {
    this.#constants = constants
  }

  /** Whether an expression joins text with something that is not in the source. */
  isBuilt(node: SyntaxNode | undefined): boolean {
    const one = bare(node)
    if (!one || this.#constants.has(one)) return false
    if (one.type === 'TemplateLiteral') return this.#holes(one).length > 0
    if (one.type === 'BinaryExpression') return one.operator === '+' && this.#joinsText(one)
    if (one.type === 'ConditionalExpression') {
      return this.isBuilt(nodeAt(one, 'consequent')) || this.isBuilt(nodeAt(one, 'alternate'))
    }
    return isCall(one) && this.#joinsByCall(one)
  }

  /** What can be read of a text, with a sign for each part that cannot. */
  textOf(node: SyntaxNode | undefined, depth = 0): string {
    const one = bare(node)
    if (!one || depth > 20) return hole
    const read = (part: SyntaxNode | undefined) => this.textOf(part, depth + 1)
    if (one.type === 'StringLiteral') return String(one.value)
    if (one.type === 'TemplateLiteral') {
      const holes = nodesAt(one, 'expressions')
      return nodesAt(one, 'quasis')
        .map((quasi, at) => cookedOf(quasi) + (at < holes.length ? read(holes[at]) : ''))
        .join('')
    }
    if (one.type === 'BinaryExpression')
      return read(nodeAt(one, 'left')) + read(nodeAt(one, 'right'))
    if (one.type === 'ConditionalExpression') return read(nodeAt(one, 'consequent'))
    if (one.type === 'Identifier') return read(this.#constants.valuesOf(String(one.name))[0])
    if (!isCall(one)) return hole
    const callee = nodeAt(one, 'callee')
    const object = bare(nodeAt(callee, 'object'))
    if (nameOf(callee) === 'join' && object?.type === 'ArrayExpression') {
      return nodesAt(object, 'elements').map(read).join(' ')
    }
    if (nameOf(callee) === 'format' || nameOf(callee) === 'sprintf')
      return read(nodesAt(one, 'arguments')[0])
    return /^(?:concat|replace|replaceAll|trim|toString)$/.test(nameOf(callee) ?? '')
      ? read(object)
      : hole
  }

  /** Whether a text begins with a verb of SQL, as far as it can be read. */
  beginsLikeSql(node: SyntaxNode | undefined): boolean {
    return heads.test(this.textOf(node))
  }

  /** The parts of a template that are no numbers of places. */
  #holes(template: SyntaxNode): readonly SyntaxNode[] {
    const quasis = nodesAt(template, 'quasis').map(cookedOf)
    return nodesAt(template, 'expressions').filter((part, at) => {
      if (this.#constants.has(part)) return false
      return !(quasis[at]?.endsWith('$') === true && isPlaceNumber(part))
    })
  }

  #joinsText(sum: SyntaxNode): boolean {
    const sides = [nodeAt(sum, 'left'), nodeAt(sum, 'right')]
    return (
      sides.some((side) => this.#isText(side)) && sides.some((side) => !this.#constants.has(side))
    )
  }

  #isText(node: SyntaxNode | undefined): boolean {
    const one = bare(node)
    if (one?.type === 'StringLiteral' || one?.type === 'TemplateLiteral') return true
    if (one?.type === 'Identifier') return heads.test(this.textOf(one))
    return this.isBuilt(one)
  }

  #joinsByCall(call: SyntaxNode): boolean {
    const callee = nodeAt(call, 'callee')
    const name = nameOf(callee)
    const object = bare(nodeAt(callee, 'object'))
    if (name === 'format' || name === 'sprintf') return this.#isText(nodesAt(call, 'arguments')[0])
    if (name === 'join') return object?.type === 'ArrayExpression'
    if (name === 'trim' || name === 'toString') return this.isBuilt(object)
    return /^(?:concat|replace|replaceAll)$/.test(name ?? '') && this.#isText(object)
  }
}

function cookedOf(quasi: SyntaxNode): string {
  const { cooked, raw } = quasi.value as { cooked?: string | null; raw: string }
  return cooked ?? raw
}
