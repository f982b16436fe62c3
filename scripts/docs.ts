import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandLineReference } from './docs/command-line.ts'
import { configurationReference } from './docs/configuration.ts'
import { envExample, environmentReference } from './docs/environment.ts'
import { errorReference } from './docs/errors.ts'
import { eventReference } from './docs/events.ts'
import { openApiReference } from './docs/openapi.ts'

/** Every generated text by its path below `root`. */
export async function generateDocs(root: string): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['.env.example', envExample()],
    ['docs/command-line.md', commandLineReference()],
    ['docs/configuration.md', configurationReference(root)],
    ['docs/environment.md', environmentReference()],
    ['docs/errors.md', await errorReference(root)],
    ['docs/events.md', eventReference()],
    ['docs/openapi.json', await openApiReference()],
  ])
}

/** Writes what changed and names it. */
async function writeDocs(root: string): Promise<void> {
  for (const [path, text] of await generateDocs(root)) {
    if (existing(join(root, path)) === text) continue
    writeFileSync(join(root, path), text)
    process.stdout.write(`${path}\n`)
  }
}

function existing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeDocs(fileURLToPath(new URL('..', import.meta.url)))
}
