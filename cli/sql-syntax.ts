import { CommandFailure } from './command.ts'

/** A node of the syntax tree (ESTree, as Babel writes it). */
export interface SyntaxNode {
  readonly type: string
  readonly loc?: { readonly start: { readonly line: number; readonly column: number } }
  readonly [field: string]: unknown
}

export interface Comment {
  readonly value: string
  readonly loc: {
    readonly start: { readonly line: number }
    readonly end: { readonly line: number }
  }
}

export interface Syntax {
  readonly program: SyntaxNode
  readonly comments: readonly Comment[]
}

/** Reads one module. Undefined for what is no JavaScript or TypeScript. */
export type SyntaxReader = (text: string, file: string) => Syntax | undefined

/** The parser is needed by this command alone, so it is installed by those who run it. */
export async function syntaxReader(): Promise<SyntaxReader> {
  const { parse } = await import('@babel/parser').catch(() => {
    throw new CommandFailure(
      'holdfast check sql reads code with a parser that is not installed: npm install --save-dev @babel/parser',
    )
  })
  return (text, file) => {
    try {
      const jsx = /x$/.test(file) || /\.[cm]?js$/.test(file)
      const typed = /\.[cm]?tsx?$/.test(file)
      const file2 = parse(text, {
        sourceType: 'unambiguous',
        errorRecovery: true,
        plugins: [
          ...(typed ? ['typescript' as const] : []),
          ...(jsx ? ['jsx' as const] : []),
          'decorators',
        ],
      })
      return file2 as unknown as Syntax
    } catch {
      return undefined
    }
  }
}

export function isNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
  )
}

/** The node in a field; undefined where there is none. */
export function nodeAt(node: SyntaxNode | undefined, field: string): SyntaxNode | undefined {
  const value = node?.[field]
  return isNode(value) ? value : undefined
}

/** The nodes in a field that holds a list. */
export function nodesAt(node: SyntaxNode | undefined, field: string): readonly SyntaxNode[] {
  const value = node?.[field]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** The name of an identifier or of a property that is not computed. */
export function nameOf(node: SyntaxNode | undefined): string | undefined {
  if (node?.type === 'Identifier') return String(node.name)
  if (node?.type === 'PrivateName') return nameOf(nodeAt(node, 'id'))
  if (node?.type === 'ThisExpression') return 'this'
  const isMember = node?.type === 'MemberExpression' || node?.type === 'OptionalMemberExpression'
  return isMember && node.computed !== true ? nameOf(nodeAt(node, 'property')) : undefined
}

const wrappers = [
  ...['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'TSTypeAssertion'],
  ...['ParenthesizedExpression', 'AwaitExpression'],
]

/** The expression without types and brackets around it. */
export function bare(node: SyntaxNode | undefined): SyntaxNode | undefined {
  let inner = node
  while (inner && wrappers.includes(inner.type)) {
    inner = nodeAt(inner, inner.type === 'AwaitExpression' ? 'argument' : 'expression')
  }
  return inner
}

export function isCall(node: SyntaxNode | undefined): node is SyntaxNode {
  return node?.type === 'CallExpression' || node?.type === 'OptionalCallExpression'
}

/** Calls `visit` with every node and the one around it, the outermost first; false leaves its inside out. */
export function walkSyntax(
  root: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | undefined) => boolean,
): void {
  const waiting: [SyntaxNode, SyntaxNode | undefined][] = [[root, undefined]]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [node, parent] = next
    if (!visit(node, parent)) continue
    for (const [field, value] of Object.entries(node)) {
      if (field === 'leadingComments' || field === 'trailingComments') continue
      if (Array.isArray(value)) for (const one of value) if (isNode(one)) waiting.push([one, node])
      if (isNode(value)) waiting.push([value, node])
    }
  }
}
