import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'holdfast-test-'
const ownerFile = 'owner.pid'

/**
 * A new directory for everything one run leaves on disk. Directories of runs that were killed before
 * they could tidy up are removed first; their servers have died with them.
 */
export function makeWorkspace(): string {
  sweep()
  const directory = mkdtempSync(join(tmpdir(), prefix))
  writeFileSync(join(directory, ownerFile), String(process.pid))
  return directory
}

function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue
    const directory = join(tmpdir(), name)
    if (ownerIsDead(directory)) removeAll(directory)
  }
}

/**
 * The pid file goes last: while a dying server still writes, the next sweep has to find the rest.
 * Two runs may sweep at once, so what has vanished meanwhile is no error.
 */
function removeAll(directory: string): void {
  try {
    const others = readdirSync(directory).filter((name) => name !== ownerFile)
    for (const name of others) rmSync(join(directory, name), { recursive: true, force: true })
    if (readdirSync(directory).length === 1) rmSync(directory, { recursive: true, force: true })
  } catch {
    // The next run tries again.
  }
}

function ownerIsDead(directory: string): boolean {
  try {
    const pid = Number(readFileSync(join(directory, ownerFile), 'utf8'))
    if (!Number.isInteger(pid) || pid < 1) return false
    process.kill(pid, 0)
    return false
  } catch (error) {
    // Without a pid file the directory is being made this moment, or is not ours.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
