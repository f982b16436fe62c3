import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'holdfast-test-'

/**
 * A new directory for everything one run leaves on disk. Directories of runs that were killed before
 * they could tidy up are removed first; their servers have died with them.
 */
export function makeWorkspace(): string {
  sweep()
  const directory = mkdtempSync(join(tmpdir(), prefix))
  writeFileSync(join(directory, 'owner.pid'), String(process.pid))
  return directory
}

function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue
    const directory = join(tmpdir(), name)
    if (ownerIsDead(directory)) rmSync(directory, { recursive: true, force: true })
  }
}

function ownerIsDead(directory: string): boolean {
  try {
    const pid = Number(readFileSync(join(directory, 'owner.pid'), 'utf8'))
    if (!Number.isInteger(pid) || pid < 1) return false
    process.kill(pid, 0)
    return false
  } catch (error) {
    // Without a pid file the directory is being made this moment, or is not ours.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
