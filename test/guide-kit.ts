import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the project. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** A file of the project as text. */
export const page = (path: string): string => readFileSync(join(root, path), 'utf8')

/** What the rows of a table hold in code type, cell by cell; the table begins with `head`. */
export function rows(text: string, head: string): string[][][] {
  const table = text.slice(text.indexOf(head)).split('\n\n')[0] ?? ''
  return table
    .split('\n')
    .slice(2)
    .map((row) =>
      row.split('|').map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, x]) => x ?? '')),
    )
}
