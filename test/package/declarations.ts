import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SyntaxKind } from 'typescript/unstable/ast'
import {
  API,
  type Checker,
  type Symbol as Named,
  type Project,
  type Snapshot,
  SymbolFlags,
} from 'typescript/unstable/sync'
import { root } from './pack.ts'
import { run } from './run.ts'

type Syntax = NonNullable<ReturnType<Named['declarations'][number]['resolve']>>

/** An exported name and what is said of it. */
export interface Exported {
  readonly name: string
  readonly doc: string
}

/** The declarations of this package as its users get them, and what can be reached from an entry. */
export class Declarations {
  readonly #folder: string
  readonly #api: API
  readonly #snapshot: Snapshot
  readonly #project: Project
  readonly #checker: Checker

  constructor(folder: string, entries: readonly string[]) {
    const config = join(folder, 'tsconfig.json')
    const files = entries.map((entry) => join(folder, entry))
    writeFileSync(config, JSON.stringify({ compilerOptions, files }))
    this.#folder = folder
    this.#api = new API({ cwd: folder })
    this.#snapshot = this.#api.updateSnapshot({ openProjects: [config] })
    const project = this.#snapshot.getProject(config)
    if (!project) throw new Error('the declarations could not be opened')
    this.#project = project
    this.#checker = project.checker
  }

  exportsOf(entry: string): Exported[] {
    return this.#exports(entry).map((symbol) => ({
      name: symbol.name,
      doc: this.#checker.getDocumentationCommentOfSymbol(this.#target(symbol)),
    }))
  }

  /** Our own types that the exports of `entry` speak of and none of `entries` exports, with the way there. */
  unnamed(entry: string, entries: readonly string[]): string[] {
    const exported = entries.flatMap((one) => this.#exports(one))
    const known = new Set(exported.map((symbol) => this.#target(symbol).id))
    const seen = new Map<number, string>()
    const visit = (symbol: Named, way: string) => {
      if (seen.has(symbol.id)) return
      const own = this.#ownSyntax(symbol)
      seen.set(symbol.id, own.length === 0 || known.has(symbol.id) ? '' : way)
      for (const syntax of own)
        this.#mentions(syntax, (next) => visit(next, `${way} > ${next.name}`))
    }
    for (const symbol of this.#exports(entry)) visit(this.#target(symbol), symbol.name)
    return [...seen.values()].filter(Boolean).sort()
  }

  close(): void {
    this.#snapshot.dispose()
    this.#api.close()
  }

  #exports(entry: string): readonly Named[] {
    const file = this.#project.program.getSourceFile(join(this.#folder, entry))
    const module = file && this.#checker.getSymbolAtLocation(file)
    if (!module) throw new Error(`${entry} is no module`)
    return this.#checker.getExportsOfModule(module)
  }

  #target(symbol: Named): Named {
    return symbol.flags & SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol
  }

  /** The declarations of a symbol that stand in this package, not in a library or in Node's types. */
  #ownSyntax(symbol: Named): Syntax[] {
    return symbol.declarations.flatMap((handle) => {
      const syntax = handle.resolve(this.#project)
      return syntax?.getSourceFile().fileName.startsWith(this.#folder) ? [syntax] : []
    })
  }

  /** Every type that a declaration speaks of. Constructors are left out: users are given instances. */
  #mentions(syntax: Syntax, tell: (symbol: Named) => void): void {
    if (syntax.kind === SyntaxKind.Constructor) return
    const name = nameOfReference(syntax)
    const found = name && this.#checker.getSymbolAtLocation(name)
    const symbol = found && this.#target(found)
    if (symbol && !(symbol.flags & SymbolFlags.TypeParameter)) tell(symbol)
    syntax.forEachChild((child) => this.#mentions(child, tell))
  }
}

const compilerOptions = {
  module: 'nodenext',
  target: 'es2024',
  strict: true,
  noEmit: true,
  types: ['node'],
  allowImportingTsExtensions: true,
}

/** `Auth` of `: Auth`, of `extends Auth`, of `import('./auth.ts').Auth` and of `typeof Auth`. */
function nameOfReference(syntax: Syntax): Syntax | undefined {
  const parts = syntax as Syntax & Readonly<Record<string, Syntax | undefined>>
  if (syntax.kind === SyntaxKind.TypeReference) return parts.typeName
  if (syntax.kind === SyntaxKind.ExpressionWithTypeArguments) return parts.expression
  if (syntax.kind === SyntaxKind.ImportType) return parts.qualifier
  if (syntax.kind === SyntaxKind.TypeQuery) return parts.exprName
  return undefined
}

/** Writes the declarations of the sources as `npm run build` does, below `folder`. */
export async function emitDeclarations(folder: string): Promise<void> {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const args = ['-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', folder]
  const { code, stdout } = await run(process.execPath, [tsc, ...args], { cwd: root })
  if (code !== 0) throw new Error(`the sources do not compile:\n${stdout}`)
}
