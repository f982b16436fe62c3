import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Field, Group, Leaf } from '../../src/config/fields.ts'
import { optionTable } from '../../src/config/option-table.ts'
import { profiles } from '../../src/config/profiles.ts'
import { generatedNote, table } from './markdown.ts'

interface Described {
  readonly meaning: string
  readonly type: string
}

/** Comments of the public options: by the name of their interface, then of the option. */
type Comments = ReadonlyMap<string, ReadonlyMap<string, Described>>

interface Place {
  readonly path: string
  readonly owner: string
}

/** docs/configuration.md: the comments of the options beside what the option table accepts. */
export function configurationReference(root: string): string {
  const comments = readComments(
    readdirSync(join(root, 'src/config'))
      .filter((name) => /^options(?:-[a-z]+)*\.ts$/.test(name))
      .map((name) => readFileSync(join(root, 'src/config', name), 'utf8')),
  )
  const top = Object.entries(optionTable.fields)
  const single = top
    .filter(([, field]) => field.kind === 'leaf')
    .flatMap(([name, field]) => rowsOf(field, { path: name, owner: 'SecurityOptions' }, comments))
  const groups = top
    .filter(([, field]) => field.kind !== 'leaf')
    .map(([name, field]) => {
      const at = describe(comments, { path: name, owner: 'SecurityOptions' })
      const rows = rowsOf(field, { path: name, owner: 'SecurityOptions' }, comments)
      return `## \`${name}\`\n\n${at.meaning}\n\n${optionRows(rows)}`
    })
  return `# Configuration

${generatedNote('src/config/options.ts and src/config/option-table.ts')}

\`\`\`ts
const security = createSecurity({
  masterKey: process.env.MASTER_ENCRYPTION_KEY,
  baseUrl: 'https://app.example.com',
  sessions: { cookie: { idle: '30m' } },
})
\`\`\`

\`masterKey\` and, in production, \`baseUrl\` must be given; everything else has a default that keeps every control on. Groups merge deeply: an option given alone changes nothing else. Durations are texts with a unit (\`'200ms'\`, \`'10s'\`, \`'15m'\`, \`'12h'\`, \`'7d'\`), sizes too (\`'100kb'\`; 1 kb is 1024 bytes). An unknown name, a wrong value, a contradiction or a weak secret stops the start with one \`invalid_configuration\` error that lists every mistake and its fix. What is weaker than its default is printed at start.

${optionRows(single)}

${groups.join('\n\n')}
`
}

function optionRows(rows: readonly string[][]): string {
  return table(['Option', 'Accepts', 'Default', 'Meaning'], rows)
}

function rowsOf(field: Field, place: Place, comments: Comments): string[][] {
  const { meaning, type } = describe(comments, place)
  const owner = /(\w+Options)\b/.exec(type)?.[1]
  if (field.kind === 'leaf') {
    return [[`\`${place.path}\``, field.accepts, defaultOf(field, place.path), meaning]]
  }
  const group = field.kind === 'group' ? field : entryGroup(field.entry)
  const path = field.kind === 'group' ? place.path : `${place.path}.<name>`
  if (group === undefined || owner === undefined) {
    return [[`\`${place.path}\``, acceptsOf(field), '', meaning]]
  }
  const inside = Object.entries(group.fields).flatMap(([name, member]) =>
    rowsOf(member, { path: `${path}.${name}`, owner }, comments),
  )
  const self = place.path.includes('.')
    ? [[`\`${place.path}\``, acceptsOf(field), '', meaning]]
    : []
  return [...self, ...inside]
}

function entryGroup(field: Field): Group | undefined {
  return field.kind === 'group' ? field : undefined
}

function acceptsOf(field: Field): string {
  const what = field.kind === 'dictionary' ? 'names and values' : 'options below'
  return field.kind !== 'leaf' && field.canBeOff ? `${what}, or false` : what
}

function defaultOf(leaf: Leaf, path: string): string {
  const own = leaf.fallback === undefined ? '' : `\`${written(leaf.fallback)}\``
  const strict = path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined,
      profiles.strict,
    )
  return strict === undefined ? own : `${own}; strict: \`${written(strict)}\``
}

function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  return typeof value === 'string' ? `'${value}'` : String(value)
}

/** Throws for an option without a comment: an undocumented option is not finished. */
function describe(comments: Comments, { owner, path }: Place): Described {
  const found = comments.get(owner)?.get(path.split('.').at(-1) ?? '')
  if (found === undefined) throw new Error(`The option ${path} has no comment in ${owner}`)
  return found
}

function readComments(texts: readonly string[]): Comments {
  const found = new Map<string, Map<string, Described>>()
  for (const text of texts) {
    for (const [, name = '', body = ''] of text.matchAll(
      /^export interface (\w+) \{\n([\s\S]*?)^\}/gm,
    )) {
      found.set(name, readFields(body))
    }
  }
  return found
}

function readFields(body: string): Map<string, Described> {
  const fields = body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*readonly (\w+)\??: (.+)/g)
  return new Map(
    [...fields].map(([, comment = '', name = '', type = '']) => [
      name,
      { meaning: comment.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim(), type },
    ]),
  )
}
