import { importedPaths, refusedImport } from './layers.ts'
import { lineAt, type Source } from './source.ts'

/** One habit of the house. */
export interface Rule {
  readonly title: string
  /** Which modules it is about. */
  readonly about: (path: string) => boolean
  /** Each place that breaks it, as `line: why`. */
  readonly find: (source: Source) => readonly string[]
  /** Modules that break it and modules that only look like it: the rule's own test. */
  readonly caught: readonly Planted[]
  readonly spared: readonly Planted[]
}

export type Planted = readonly [path: string, text: string]

const isTest = (path: string) => path.endsWith('.test.ts')
const inSource = (path: string) => path.startsWith('src/') && !isTest(path)
const shipped = (path: string) => /^(src|cli|server)\//.test(path) && !isTest(path)
const holdsSql = (path: string) => /^src\/(database|rows)\/|(^|[/-])store\.ts$/.test(path)
const readsEnv = (path: string) => /^(cli|server)\/|^src\/config\/env\.ts$/.test(path)

/** Places in the code, strings and comments aside, where `pattern` (flag g) matches. */
function matches(pattern: RegExp): Rule['find'] {
  return ({ code }) =>
    [...code.matchAll(pattern)].map((match) => `${lineAt(code, match.index)}: ${match[0].trim()}`)
}

export const rules: readonly Rule[] = [
  {
    title: 'a module imports lower storeys only, and rooms by their door',
    about: inSource,
    find: (source) =>
      importedPaths(source).flatMap(({ path, line }) => {
        const why = refusedImport(source.path, path)
        return why === undefined ? [] : [`${line}: ${why}`]
      }),
    caught: [
      ['src/errors/error.ts', "import { x } from '../ports/index.ts'"],
      ['src/users/users.ts', "import { x } from '../audit/index.ts'"],
      ['src/users/users.ts', "export { x } from '../sessions/index.ts'"],
      ['src/users/users.ts', "const x = await import('../sessions/index.ts')"],
      ['src/sessions/sessions.ts', "import type { X } from '../users/store.ts'"],
      ['src/sessions/sessions.ts', "import '../users/table.ts'"],
      ['src/sign-up/sign-up.ts', "import { x } from '../sessions/issue.ts'"],
      ['src/users/users.ts', "import { x } from '../../cli/main.ts'"],
      ['src/users/users.ts', "import {\n  a,\n  b,\n} from '../shield/index.ts'"],
      ['src/nowhere/x.ts', "import { x } from '../errors/index.ts'"],
      ['src/users/users.ts', "import { x } from '../nowhere/index.ts'"],
    ],
    spared: [
      ['src/users/users.ts', "import { x } from './store.ts'"],
      ['src/users/users.ts', "import { x } from '../database/index.ts'"],
      ['src/users/table.ts', "declare module '../database/types.ts' { interface Tables {} }"],
      ['src/sign-in/sign-in.ts', "import { x } from '../sessions/issue.ts'"],
      ['src/users/users.ts', "// import { x } from '../sessions/index.ts'"],
      ['src/adapters/express/index.ts', "import { x } from '../../index.ts'"],
      ['src/adapters/express/index.ts', "import { x } from '../node/exchange.ts'"],
    ],
  },
  {
    title: 'only stores, rows/ and database/ speak SQL',
    about: (path) => shipped(path) && !holdsSql(path),
    find: (source) => [
      ...matches(/\.(selectFrom|insertInto|updateTable|deleteFrom|replaceInto|mergeInto)\b/g)(
        source,
      ),
      ...source.imports
        .filter(({ specifier, names }) => specifier === 'kysely' && /\bsql\b/.test(names))
        .map(({ line }) => `${line}: imports sql`),
    ],
    caught: [
      ['src/users/users.ts', "db.selectFrom('hf_users')"],
      ['src/users/users.ts', "trx\n  .deleteFrom('hf_users')"],
      ['src/users/users.ts', "import { sql } from 'kysely'"],
      ['src/users/restore.ts', "import { type Kysely, sql } from 'kysely'"],
    ],
    spared: [
      ['src/users/store.ts', "db.selectFrom('hf_users')"],
      ['src/sessions/key-store.ts', "import { sql } from 'kysely'"],
      ['src/database/migrate.ts', "import { sql } from 'kysely'"],
      ['src/users/users.ts', "import type { Kysely } from 'kysely'"],
    ],
  },
  {
    title: 'no statement relies on RETURNING, which MariaDB answers wrongly without a word',
    about: shipped,
    find: matches(/\.returning(All)?\(/g),
    caught: [['src/users/store.ts', "q.returning('id')"]],
    spared: [['src/users/store.ts', "// never .returning('id')"]],
  },
  {
    title: 'only config/env.ts, cli/ and server/ read the environment',
    about: (path) => shipped(path) && !readsEnv(path),
    find: (source) => [
      ...matches(/\bprocess\s*\??\.?\s*(\.env\b|\[)/g)(source),
      ...matches(/\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/g)(source),
      ...source.imports
        .filter(({ specifier }) => /^(node:)?process$/.test(specifier))
        .map(({ line }) => `${line}: imports node:process`),
    ],
    caught: [
      ['src/users/users.ts', 'const x = process.env.HOME'],
      ['src/users/users.ts', "const x = process['env']"],
      ['src/users/users.ts', 'const { env } = process'],
      ['src/config/resolve.ts', "import { env } from 'node:process'"],
    ],
    spared: [
      ['src/config/env.ts', 'const x = process.env.HOME'],
      ['cli/main.ts', 'const x = process.env.HOME'],
      ['src/users/users.ts', "const x = 'process.env.HOME'"],
    ],
  },
  {
    title: 'time, randomness, timers and the console come through ports/',
    about: (path) => inSource(path) && !path.startsWith('src/ports/'),
    find: matches(
      /\bDate\.now\b|\bnew Date\(\s*\)|(?<![.\w]|new )\bDate\(|\bMath\.random\b|\b(randomBytes|randomUUID|randomInt|randomFill|randomFillSync|getRandomValues)\b|\b(setTimeout|setInterval)\b|\bperformance\.now\b|\bprocess\.hrtime\b|\bconsole\./g,
    ),
    caught: [
      ['src/users/users.ts', 'const now = Date.now()'],
      ['src/users/users.ts', 'const now = new Date()'],
      ['src/users/users.ts', 'const now = Date()'],
      ['src/users/users.ts', 'const n = Math.random()'],
      ['src/crypto/token.ts', "import { randomBytes } from 'node:crypto'"],
      ['src/crypto/token.ts', 'const id = crypto.randomUUID()'],
      ['src/users/users.ts', 'setTimeout(work, 10)'],
      ['src/users/users.ts', 'const t = performance.now()'],
      ['src/users/users.ts', 'console.log(1)'],
    ],
    spared: [
      ['src/ports/clock.ts', 'const now = Date.now()'],
      ['src/users/users.ts', 'const text = new Date(row.created_at).toISOString()'],
      ['src/users/users.ts', 'const now = clock.now()'],
      ['src/users/users.ts', '/** not Date.now() */'],
      ['src/users/users.ts', 'function toDate(x: Date): Date { return x }'],
    ],
  },
  {
    title: 'secrets are compared in constant time, never with ===',
    about: shipped,
    find: matches(
      /\b(\w*(Secret|Hash|Digest|Mac|Signature|Password|Token)|secret|hash|digest|mac|tag|signature|password|token)\s*[!=]==(?!\s*(undefined\b|null\b|['"`]|\d))/g,
    ),
    caught: [
      ['src/users/users.ts', 'if (row.token_hash === x || tokenHash === hash) return'],
      ['src/users/users.ts', 'return given.signature !== expected'],
      ['cli/main.ts', 'return csrfToken === other'],
    ],
    spared: [
      ['src/users/users.ts', 'if (token === undefined) return'],
      ['src/users/users.ts', "if (alg.hash === 'sha256') return"],
      ['src/users/users.ts', 'if (password.length === 0 || secrets.length === n) return'],
      ['src/users/users.ts', 'return equalSecrets(tokenHash, hash)'],
    ],
  },
  {
    title: 'no module keeps state: two securities in one process never meet',
    about: shipped,
    find: matches(
      /^(export )?(let|var)\b|^(export )?const \w+[^=\n]*= new (Weak)?(Map|Set)(<.*>)?\(\)/gm,
    ),
    caught: [
      ['src/users/users.ts', 'let count = 0'],
      ['src/users/users.ts', 'export let count = 0'],
      ['src/users/users.ts', 'const cache = new Map<string, User>()'],
      ['src/users/users.ts', 'const cache: Map<string, User> = new Map()'],
      ['src/users/users.ts', 'export const seen = new WeakSet()'],
    ],
    spared: [
      ['src/users/users.ts', 'function f() {\n  let count = 0\n}'],
      ['src/users/users.ts', "const names = new Set(['a'])"],
      ['src/users/users.ts', 'const text = `\nlet x\n`'],
    ],
  },
  {
    title: 'exports have names',
    about: shipped,
    find: matches(/\bexport default\b|\bas default\b/g),
    caught: [
      ['src/users/users.ts', 'export default class {}'],
      ['cli/main.ts', "export { x as default } from './x.ts'"],
    ],
    spared: [['src/users/users.ts', "import { default as x } from 'x'"]],
  },
  {
    title: 'nothing is any, and the compiler is never told to look away',
    about: (path) => /\.ts$/.test(path),
    find: (source) => [
      ...matches(/(:|<|\bas|,|\||&|=>|=)\s*any\b(?!\s*[:(?.])/g)(source),
      ...[...source.text.matchAll(/\/[/*]\s*@ts-(ignore|nocheck)/g)].map(
        (match) => `${lineAt(source.text, match.index)}: ${match[0]}`,
      ),
    ],
    caught: [
      ['src/users/users.ts', 'function f(x: any) {}'],
      ['src/users/users.ts', 'const x = y as any'],
      ['test/x.test.ts', 'const x: Record<string, any> = {}'],
      ['src/users/users.ts', 'const x: any[] = []'],
      ['src/users/users.ts', `// @ts-${'ignore'}`],
    ],
    spared: [
      ['src/users/users.ts', 'const x = { any: 1, anyRole: 2 }'],
      ['src/users/users.ts', 'const x = Promise.any([])'],
      ['src/users/users.ts', 'const x = "as any"'],
      ['src/users/users.ts', '// any of these: any'],
      ['src/users/users.ts', 'const x = f(a, any(b))'],
    ],
  },
  {
    title: 'a file has at most 300 lines',
    about: shipped,
    find: ({ text }) => {
      const lines = text.trimEnd().split('\n').length
      return lines > 300 ? [`${lines}: lines`] : []
    },
    caught: [['src/users/users.ts', 'const x = 1\n'.repeat(301)]],
    spared: [['src/users/users.ts', 'const x = 1\n'.repeat(300)]],
  },
  {
    title: 'no test is left out, singled out or announced for later',
    about: isTest,
    find: matches(/\.(skip|only|todo|fails)\b\s*[(.`]|\b(xit|xdescribe|fit|fdescribe)\(/g),
    caught: [
      ['src/users/users.test.ts', "it.skip('x', () => {})"],
      ['src/users/users.test.ts', "describe.only('x', () => {})"],
      ['src/users/users.test.ts', "it.todo('x')"],
      ['src/users/users.test.ts', "it.skip.each([1])('x', () => {})"],
      ['src/users/users.test.ts', "it.fails('x', () => {})"],
    ],
    spared: [
      ['src/users/users.test.ts', "describe.skipIf(!here)('x', () => {})"],
      ['src/users/users.test.ts', "const text = 'it.skip(x)'"],
    ],
  },
  {
    title: 'names of files and folders are kebab-case',
    about: () => true,
    find: ({ path }) =>
      path.split('/').every((part) => /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/.test(part))
        ? []
        : ['1: not kebab-case'],
    caught: [
      ['src/users/userStore.ts', ''],
      ['src/Users/store.ts', ''],
      ['src/users/user_store.ts', ''],
      ['src/users/-store.ts', ''],
    ],
    spared: [
      ['src/api-keys/key-store.ts', ''],
      ['src/users/store.test.ts', ''],
      ['src/http/http2.ts', ''],
    ],
  },
  {
    title: 'nothing names a path of the machine it was written on',
    about: () => true,
    find: ({ text }) =>
      [...text.matchAll(/['"`\s(](\/work\/|\/home\/\w|\/Users\/\w|(\.\.\/)+shared\/)/g)].map(
        (match) => `${lineAt(text, match.index)}: ${match[1]}`,
      ),
    caught: [
      ['test/x.test.ts', `readFileSync(${"'"}/work${'/'}shared/data')`],
      ['src/users/x.ts', `// see ..${'/'}shared/spec`],
    ],
    spared: [['src/users/x.ts', "import { x } from './homework.ts'"]],
  },
]

/** What `rule` has to say about `source`, as `path:line: why`. */
export function violations(rule: Rule, source: Source): string[] {
  if (!rule.about(source.path)) return []
  return rule.find(source).map((place) => `${source.path}:${place}`)
}
