import { Constants } from './sql-constants.ts'
import { isFromRequest } from './sql-request.ts'
import {
  bare,
  isCall,
  nameOf,
  nodeAt,
  nodesAt,
  type Syntax,
  type SyntaxNode,
  walkSyntax,
} from './sql-syntax.ts'
import { BuiltText, looksLikeStatement } from './sql-text.ts'

/** A place where a statement is put together from text. */
export interface SqlFinding {
  readonly line: number
  /** The first column is 1. */
  readonly column: number
  readonly why: string
  readonly fix: string
}

/** Take code as it stands: whatever is given to them is not looked at again. */
const rawVerbs =
  /^(?:raw|unsafe|literal|queryRawUnsafe|executeRawUnsafe|\$queryRawUnsafe|\$executeRawUnsafe|(?:where|orWhere|having|orHaving|orderBy|groupBy|select|join|from|with)Raw)$/
/** Run what they are given. */
const runVerbs =
  /^(?:query|execute|prepare|exec|run|all|get|each|many|one|oneOrNone|manyOrNone|none|any)$/
/** Run what they are given and nothing else: `get` and `all` of a client may ask a cache for a key. */
const wholeVerbs = /^(?:query|execute|prepare|exec|run)$/
const askVerbs = /^(?:query|execute|prepare)$/
const receivers =
  /^(?:sql|knex|db|database|trx|tx|transaction|prisma|sequelize|conn|connection|client|pool|orm|em|manager|dataSource|queryRunner|kysely|pg|mysql|sqlite)$/i

const fix =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it shows how code is written
  'Write it with the tag of holdfast, sql`... where id = ${id}`, or give placeholders and the values beside them; names come from sql.id() or from a list in the code.'

/** Finds SQL that is built from text in one module. What stands in the source itself is no finding. */
export function findBuiltSql({ program }: Syntax): readonly SqlFinding[] {
  const constants = new Constants(program)
  const built = new BuiltText(constants)
  const found = new Map<string, SqlFinding>()
  const report = (node: SyntaxNode, why: string): false => {
    const { column = 0, line = 1 } = node.loc?.start ?? {}
    const key = `${line}:${column}`
    if (!found.has(key)) found.set(key, { line, column: column + 1, why, fix })
    return false
  }
  walkSyntax(program, (node, parent) => {
    if (isCall(node)) {
      const handed = judgeCall(node, { built, constants })
      if (handed) return report(...handed)
    }
    if (isSpared(node, parent)) return true
    if (built.isBuilt(node) && looksLikeStatement(built.textOf(node))) {
      return report(
        node,
        'A statement is put together from text, so a value in it can become code.',
      )
    }
    if (isAppended(node, { built, constants })) {
      return report(node, 'Text that is not in the source is added to a statement.')
    }
    return true
  })
  return [...found.values()].sort((a, b) => a.line - b.line || a.column - b.column)
}

interface Judges {
  readonly built: BuiltText
  readonly constants: Constants
}

/** What is handed to a verb that runs it. */
function judgeCall(call: SyntaxNode, judges: Judges): [SyntaxNode, string] | undefined {
  const callee = nodeAt(call, 'callee')
  const verb = nameOf(callee) ?? ''
  const [given] = nodesAt(call, 'arguments')
  const text = bare(given)
  if (!text || judges.constants.has(text)) return undefined
  const receiver = nameOf(bare(nodeAt(callee, 'object'))) ?? ''
  const isBuilt = judges.built.isBuilt(text)
  if (rawVerbs.test(verb)) {
    const certain = verb !== 'raw' && verb !== 'literal' && verb !== 'unsafe'
    if (!certain && !receivers.test(receiver)) return undefined
    const isText = isBuilt || /^(?:Identifier|.*MemberExpression|.*CallExpression)$/.test(text.type)
    return isText
      ? [text, `${verb} takes its text for code, and this text is not in the source.`]
      : undefined
  }
  if (wholeVerbs.test(verb) && receivers.test(receiver) && isFromRequest(text, judges.constants)) {
    return [text, `The statement for ${verb} comes whole from the request.`]
  }
  if (!isBuilt || !runVerbs.test(verb)) return undefined
  const isSql =
    judges.built.beginsLikeSql(text) || (askVerbs.test(verb) && receivers.test(receiver))
  return isSql ? [text, `A statement for ${verb} is put together from text.`] : undefined
}

/** Templates with a tag are the tag's affair, but for String.raw; messages of errors and logs run nowhere. */
function isSpared(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (!parent) return false
  if (parent.type === 'TaggedTemplateExpression') {
    const tag = nodeAt(parent, 'tag')
    return !(nameOf(tag) === 'raw' && nameOf(nodeAt(tag, 'object')) === 'String')
  }
  const callee = nodeAt(parent, 'callee')
  if (parent.type === 'NewExpression') return /Error$/.test(nameOf(callee) ?? '')
  if (!isCall(parent) || node === callee) return false
  const object = nameOf(bare(nodeAt(callee, 'object'))) ?? ''
  return (
    /^(?:console|logger|log)$/.test(object) ||
    /^(?:describe|it|test|Error)$/.test(nameOf(callee) ?? '')
  )
}

/** `statement += text` where the one is SQL and the other is not in the source. */
function isAppended(node: SyntaxNode, { built, constants }: Judges): boolean {
  if (node.type !== 'AssignmentExpression' || node.operator !== '+=') return false
  const left = nodeAt(node, 'left')
  const right = nodeAt(node, 'right')
  if (left?.type !== 'Identifier' || constants.has(right)) return false
  const values = constants.valuesOf(String(left.name))
  return values.some((value) => built.beginsLikeSql(value))
}
