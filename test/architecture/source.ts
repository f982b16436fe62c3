import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One module with what the rules look at. */
export interface Source {
  /** Relative to the project, with slashes: `src/users/store.ts`. */
  readonly path: string
  readonly text: string
  /** `text` with comments, strings and regular expressions blanked; same length, same lines. */
  readonly code: string
  readonly imports: readonly ImportedModule[]
}

export interface ImportedModule {
  readonly specifier: string
  /** Erased at run time. */
  readonly typeOnly: boolean
  /** What stands between `import` and `from`. */
  readonly names: string
  readonly line: number
}

/** Every TypeScript module below `folders`. */
export function readSources(root: string, folders: readonly string[]): Source[] {
  const paths = folders.flatMap((folder) => listFiles(root, folder))
  const modules = paths.filter((path) => /\.(ts|mjs)$/.test(path) && !path.endsWith('.d.ts'))
  return modules.map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')))
}

/** Paths of all files below `folder`, relative to `root`, without what is built or downloaded. */
export function listFiles(root: string, folder: string): string[] {
  const skipped = /(^|\/)(node_modules|dist|vectors|\.holdfast)(\/|$)/
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, '/').length))
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !skipped.test(path))
    .sort()
}

export function parseSource(path: string, text: string): Source {
  const code = maskSource(text)
  return { path, text, code, imports: findImports(text, code) }
}

/** 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

function findImports(text: string, code: string): ImportedModule[] {
  const found: ImportedModule[] = []
  const statement = /^(import|export)\b([^'";]*?)\bfrom\s*(['"])|^import\s*(['"])/gm
  for (const match of code.matchAll(statement)) {
    found.push(importAt(text, code, match, match[2] ?? ''))
  }
  for (const match of code.matchAll(/\bimport\s*\(\s*['"]/g)) {
    found.push(importAt(text, code, match, ''))
  }
  return found
}

function importAt(text: string, code: string, match: RegExpExecArray, names: string) {
  const start = match.index + match[0].length
  const end = code.slice(start).search(/['"]/) + start
  return {
    specifier: text.slice(start, end),
    typeOnly: /^\s*type\b/.test(names),
    names,
    line: lineAt(text, match.index),
  }
}

/** Blanks everything that is not code, keeping quotes and line ends where they are. */
export function maskSource(text: string): string {
  const masker = { text, at: 0, out: '' }
  while (masker.at < text.length) maskNext(masker)
  return masker.out
}

interface Masker {
  readonly text: string
  at: number
  out: string
}

function maskNext(masker: Masker): void {
  const { text, at } = masker
  const two = text.slice(at, at + 2)
  const one = text[at] ?? ''
  if (two === '//') blankUntil(masker, text.indexOf('\n', at))
  else if (two === '/*') blankUntil(masker, text.indexOf('*/', at) + 2)
  else if (one === "'" || one === '"') maskString(masker, one)
  else if (one === '`') maskTemplate(masker)
  else if (one === '/' && regexMayStart(masker.out)) maskRegex(masker)
  else keep(masker)
}

function keep(masker: Masker, count = 1): void {
  masker.out += masker.text.slice(masker.at, masker.at + count)
  masker.at += count
}

function blankUntil(masker: Masker, end: number): void {
  const stop = end < masker.at ? masker.text.length : end
  masker.out += masker.text.slice(masker.at, stop).replace(/[^\n]/g, ' ')
  masker.at = stop
}

function maskString(masker: Masker, quote: string): void {
  keep(masker)
  const rest = new RegExp(`(?:\\\\[\\s\\S]|[^\\\\${quote}\\n])*`, 'y')
  blankUntil(masker, masker.at + lengthAt(rest, masker))
  keep(masker)
}

function maskTemplate(masker: Masker): void {
  keep(masker)
  while (masker.at < masker.text.length) {
    const text = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*/y
    blankUntil(masker, masker.at + lengthAt(text, masker))
    if (masker.text[masker.at] !== '$') break
    keep(masker, 2)
    maskUntilBrace(masker)
  }
  keep(masker)
}

function maskUntilBrace(masker: Masker): void {
  for (let depth = 1; depth > 0 && masker.at < masker.text.length; ) {
    const character = masker.text[masker.at]
    if (character === '{') depth += 1
    if (character === '}') depth -= 1
    maskNext(masker)
  }
}

function maskRegex(masker: Masker): void {
  keep(masker)
  const body = /(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])*/y
  blankUntil(masker, masker.at + lengthAt(body, masker))
  keep(masker)
}

function lengthAt(pattern: RegExp, masker: Masker): number {
  pattern.lastIndex = masker.at
  return pattern.exec(masker.text)?.[0].length ?? 0
}

/** After a value a slash divides; anywhere else it starts a regular expression. */
function regexMayStart(before: string): boolean {
  const tail = before.trimEnd()
  return !/[\w$)\]}'"`]$/.test(tail) || /\b(return|typeof|case|in|of|await)$/.test(tail)
}
