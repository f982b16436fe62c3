import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
process.once('exit', () => rmSync(home, { recursive: true, force: true }))

/** A new folder that is gone when this process ends, however it ends. */
export function temporaryFolder(): string {
  return mkdtempSync(join(home, 'x-'))
}
