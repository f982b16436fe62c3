import { globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { builtFolder, root } from './paths.ts'

/**
 * Writes the servers and loops as plain JavaScript, so that no measured process pays for reading
 * types, in time at its start or in memory. The same for us and for every rival.
 */
export function buildServers(): void {
  rmSync(builtFolder, { recursive: true, force: true })
  for (const file of globSync('{servers,micro}/*.ts', { cwd: join(root, 'bench') })) {
    const source = readFileSync(join(root, 'bench', file), 'utf8')
    const target = join(builtFolder, file.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    const plain = stripTypeScriptTypes(source)
    writeFileSync(target, plain.replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'"))
  }
}

/** Why the built package cannot be measured, or undefined. What is measured is `dist`, not `src`. */
export function staleBuild(): string | undefined {
  const newest = (pattern: string) =>
    Math.max(
      0,
      ...globSync(pattern, { cwd: root }).map((file) => statSync(join(root, file)).mtimeMs),
    )
  const built = newest('dist/src/**/*.js')
  if (built === 0) return 'there is no dist: run `npm run build` first'
  const sources = globSync('src/**/*.ts', { cwd: root }).filter((file) => !file.includes('.test.'))
  const changed = Math.max(...sources.map((file) => statSync(join(root, file)).mtimeMs))
  return changed > built ? 'dist is older than src: run `npm run build`' : undefined
}
