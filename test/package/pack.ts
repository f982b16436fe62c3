import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './run.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Tarball {
  readonly file: string
  readonly size: number
  readonly unpackedSize: number
  /** Paths inside the package. */
  readonly paths: readonly string[]
}

const sources = ['src', 'cli', 'server', 'docs', 'tsconfig.json', 'tsconfig.build.json']
const texts = ['README.md', 'CHANGELOG.md', 'LICENSE', 'SECURITY.md', '.env.example']

/**
 * Runs `npm pack` in a copy of the repository below `folder`, so that the build inside it neither
 * meets what another test builds nor keeps what an older build left.
 */
export async function packTarball(folder: string): Promise<Tarball> {
  const copy = join(folder, 'checkout')
  mkdirSync(copy, { recursive: true })
  for (const name of ['package.json', ...sources, ...texts]) {
    cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
  const packed = await run('npm', ['pack', '--json', '--foreground-scripts=false'], { cwd: copy })
  if (packed.code !== 0) throw new Error(`npm pack failed:\n${packed.stdout}${packed.stderr}`)
  const [report] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[')))
  return {
    file: join(copy, report.filename),
    size: report.size,
    unpackedSize: report.unpackedSize,
    paths: report.files.map(({ path }: { path: string }) => path),
  }
}
