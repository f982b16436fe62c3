import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { answer, type Command, CommandFailure, type CommandInput } from './command.ts'
import { findBuiltSql, type SqlFinding } from './sql-findings.ts'
import { type Syntax, type SyntaxReader, syntaxReader } from './sql-syntax.ts'

/** A finding in a file. */
interface Placed extends SqlFinding {
  readonly file: string
}

const modules = /(?<!\.d)\.[cm]?[jt]sx?$/
const left = ['node_modules', 'dist', 'build', 'coverage', 'out', 'vendor']
const ignoring = /holdfast-ignore-sql(?!-file)(?::\s*(\S.*))?/
const ignoringFile = /holdfast-ignore-sql-file:\s*\S.{9}/

export const checkSql: Command = {
  name: 'check sql',
  summary: 'Find SQL that is put together from text, in the code of an app.',
  positionals: ['[PATH...]'],
  options: {},
  notes: `PATH is a folder or file, several if you like, by default the working directory; what is installed or built is left out.
Exit code 1 when something is found. A place that is safe for a reason that code cannot show is
passed over with a comment on its line or the line above:
  // holdfast-ignore-sql: the name comes from the catalogue of the database
and a whole file, whose task is to write SQL, with holdfast-ignore-sql-file: and the reason.
The command reads code with a parser: npm install --save-dev @babel/parser`,
  async run(input) {
    const read = await syntaxReader()
    const paths = input.positionals.length > 0 ? input.positionals : ['.']
    const roots = paths.map((path) => resolve(input.terminal.cwd, path))
    const files = [...new Set(roots.flatMap(filesBelow))]
    const findings = files.flatMap((file) => checkFile(file, read, input))
    answer(input, { files: files.length, findings }, textOf(findings, files.length))
    return findings.length > 0 ? 1 : 0
  },
}

function filesBelow(root: string): readonly string[] {
  const found = statSync(root, { throwIfNoEntry: false })
  if (!found) throw new CommandFailure(`There is no ${root}.`)
  if (found.isFile()) return [root]
  return readdirSync(root, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(root, entry.name)
      if (entry.isDirectory()) {
        return left.includes(entry.name) || entry.name.startsWith('.') ? [] : filesBelow(path)
      }
      return entry.isFile() && modules.test(entry.name) ? [path] : []
    })
}

function checkFile(
  path: string,
  read: SyntaxReader,
  { terminal }: CommandInput,
): readonly Placed[] {
  const file = relative(terminal.cwd, path)
  const syntax = read(readFileSync(path, 'utf8'), path)
  if (!syntax) {
    const why = 'The file could not be read as JavaScript or TypeScript.'
    return [{ file, line: 1, column: 1, why, fix: 'Mend it, or name the folders that hold code.' }]
  }
  const found = findBuiltSql(syntax).map((finding) => ({ file, ...finding }))
  return withIgnored(found, syntax)
}

/** Without what a comment passes over; a comment without a reason is itself a finding. */
function withIgnored(found: readonly Placed[], { comments }: Syntax): readonly Placed[] {
  if (comments.some(({ value }) => ignoringFile.test(value))) return []
  const reasons = new Map<number, string>()
  for (const { loc, value } of comments) {
    const [whole, reason = ''] = ignoring.exec(value) ?? []
    if (whole !== undefined) reasons.set(loc.end.line, reason.trim())
  }
  return found.flatMap((finding) => {
    const reason = reasons.get(finding.line) ?? reasons.get(finding.line - 1)
    if (reason === undefined) return [finding]
    const why = 'A comment passes this place over without a reason.'
    const fix = 'Write why it is safe: // holdfast-ignore-sql: reason'
    return reason.length < 10 ? [{ ...finding, why, fix }] : []
  })
}

function textOf(findings: readonly Placed[], files: number): string {
  if (findings.length === 0) return `No SQL is put together from text in ${counted(files, 'file')}.`
  const lines = findings.map(({ column, file, line, why }) => `${file}:${line}:${column}  ${why}`)
  const [{ fix } = { fix: '' }] = findings
  return `${lines.join('\n')}\n\n${counted(findings.length, 'place')} in ${counted(files, 'file')}. ${fix}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
