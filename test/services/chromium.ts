import { type Browser, chromium } from 'playwright-core'
import { describe } from 'vitest'
import { findChromium } from './binaries.ts'

const flags = [
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
] as const

/** Starts a headless Chromium, with `more` switches; close it in `afterAll`. It ends with the test process in any case. */
export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('Chromium is not installed.')
  return chromium.launch({ executablePath, chromiumSandbox: !isRoot(), args: [...flags, ...more] })
}

/** A suite that needs a browser: skipped visibly where there is none, an error with CI=true. */
export function describeBrowser(title: string, suite: () => void): void {
  describe.skipIf(findChromium() === undefined)(title, suite)
}

/** Chromium refuses to sandbox itself as root. */
function isRoot(): boolean {
  return process.getuid?.() === 0
}
