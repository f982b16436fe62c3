import {
  IdentifierNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type QueryResult,
  type RootOperationNode,
  type SchemableIdentifierNode,
  type UnknownRow,
} from 'kysely'
import type { TableNaming } from './types.ts'

/** The prefix under which the code knows its tables. */
export const defaultPrefix = 'hf_'

/** Text in which a table, index or constraint called `hf_*` gets its name in this database. */
export function renameInText(sql: string, naming: TableNaming): string {
  return sql.replace(/(?<![A-Za-z0-9_$])hf_(?=[a-z0-9])/g, naming.prefix)
}

/** The plugin that gives tables their names, or none when they have them already: no cost then. */
export function renamePlugins(naming: TableNaming): KyselyPlugin[] {
  if (naming.prefix === defaultPrefix && naming.schema === undefined) return []
  const transformer = new RenameTransformer(naming)
  return [
    {
      transformQuery: ({ node, queryId }: PluginTransformQueryArgs): RootOperationNode =>
        transformer.transformNode(node, queryId),
      transformResult: async ({ result }): Promise<QueryResult<UnknownRow>> => result,
    },
  ]
}

class RenameTransformer extends OperationNodeTransformer {
  readonly #naming: TableNaming

  constructor(naming: TableNaming) {
    super()
    this.#naming = naming
  }

  protected override transformSchemableIdentifier(
    node: SchemableIdentifierNode,
  ): SchemableIdentifierNode {
    const name = node.identifier.name
    if (node.schema || !name.startsWith(defaultPrefix)) return node
    const { prefix, schema } = this.#naming
    const identifier = IdentifierNode.create(prefix + name.slice(defaultPrefix.length))
    return schema === undefined
      ? { ...node, identifier }
      : { ...node, identifier, schema: IdentifierNode.create(schema) }
  }
}
