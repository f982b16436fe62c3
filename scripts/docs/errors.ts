import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ErrorDefinition, ErrorTable } from '../../src/errors/index.ts'
import { generatedNote, table } from './markdown.ts'

/** One code of one room's error table. */
export interface ListedError extends ErrorDefinition {
  readonly code: string
  readonly room: string
  /** The module whose table holds it. */
  readonly file: string
}

/** Modules of src/, tests aside, as `path` and `text`. */
export function sourceFiles(root: string): { path: string; text: string }[] {
  return globSync('src/**/*.ts', { cwd: root })
    .filter((path) => !path.includes('.test.'))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** Every code of every table made with `defineErrors`, read from the modules themselves. */
export async function listErrors(root: string): Promise<ListedError[]> {
  const listed: ListedError[] = []
  for (const { path, text } of sourceFiles(root)) {
    if (!/=\s*defineErrors\(/.test(text)) continue
    const module: Record<string, unknown> = await import(pathToFileURL(join(root, path)).href)
    for (const definitions of Object.values(module).flatMap(tableOf)) {
      for (const [code, definition] of Object.entries(definitions)) {
        listed.push({ ...definition, code, room: path.split('/')[1] ?? '', file: path })
      }
    }
  }
  return listed
}

function tableOf(value: unknown): ErrorTable[] {
  return typeof value === 'object' && value !== null && '$table' in value
    ? [value.$table as ErrorTable]
    : []
}

/** docs/errors.md: every code with its status and fixed texts. */
export async function errorReference(root: string): Promise<string> {
  const errors = await listErrors(root)
  const rooms = [...new Set(errors.map(({ room }) => room))].sort()
  const sections = rooms.map((room) => {
    const rows = errors
      .filter((error) => error.room === room)
      .sort((a, b) => (a.code < b.code ? -1 : 1))
      .map(({ code, status, title, detail }) => [`\`${code}\``, String(status), title, detail])
    return `## ${room}\n\n${table(['Code', 'Status', 'Title', 'Detail'], rows)}`
  })
  return `# Errors

${generatedNote('the error table of each room')}

An answer that reports an error is \`application/problem+json\` (RFC 9457) with \`type\`, \`title\`, \`status\`, \`detail\`, \`code\` and \`error\` (the title again, for front ends that show it). Codes are stable; texts are fixed and never repeat what a client sent. \`errors\` lists faults of fields by JSON pointer, \`retryAfter\` is in seconds, \`requestId\` finds the log line. In code the same errors are a \`SecurityError\` with \`code\` and \`status\`; its private \`cause\` reaches the log alone. Codes of rooms that work before anything listens (config, database, crypto) stop the start with their message.

${sections.join('\n\n')}
`
}
