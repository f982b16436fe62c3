import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import type { ServicesAddress } from '../services/services.ts'
import { applyPatch, findPatchFault, type ProtectionPatch } from './patch.ts'
import { findBaselineFault, findProofFault, readVerdict, type Verdict } from './verdict.ts'

const run = promisify(execFile)
const patience = 5 * 60_000

/** A copy of the project in which protections may be broken. */
export interface TrialTree {
  readonly root: string
  readonly original: string
  readonly services: ServicesAddress
}

export interface TrialResult {
  readonly patch: ProtectionPatch
  readonly red: readonly string[]
  /** The test files that noticed, from the project's root. */
  readonly noticedBy: readonly string[]
  /** Why this patch proves nothing; undefined when a test noticed it. */
  readonly fault: string | undefined
}

/** Copies what git knows, or would on the next `git add`, into the services' workspace. */
export async function makeTrialTree(
  original: string,
  services: ServicesAddress,
): Promise<TrialTree> {
  const root = mkdtempSync(join(services.workspace, 'prove-'))
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout } = await run('git', list, { cwd: original, maxBuffer: 1 << 26 })
  for (const path of stdout.split('\0').filter((name) => name !== '')) {
    copyFile({ root, original, services }, path)
  }
  symlinkSync(join(original, 'node_modules'), join(root, 'node_modules'), 'junction')
  return { root, original, services }
}

/** Removes one protection, runs the tests that should notice, and puts it back. */
export async function tryPatch(tree: TrialTree, patch: ProtectionPatch): Promise<TrialResult> {
  const unfit = await findPatchFault(patch, tree.root)
  if (unfit !== undefined) return { patch, red: [], noticedBy: [], fault: unfit }
  await applyPatch(patch, tree.root)
  try {
    // One red test is proof enough, so the run ends with the first.
    const verdict = await runTests(tree, [...patch.tests, '--bail=1'])
    const { red = [], redFiles = [] } = verdict ?? {}
    const noticedBy = redFiles.map((file) => relative(tree.root, file))
    return { patch, red, noticedBy, fault: findProofFault(verdict) }
  } finally {
    for (const path of patch.changes) copyFile(tree, path)
  }
}

/** Why tests prove nothing: what is wrong with them on the untouched copy. */
export async function tryWithout(
  tree: TrialTree,
  tests: readonly string[],
): Promise<string | undefined> {
  return findBaselineFault(await runTests(tree, tests))
}

async function runTests(tree: TrialTree, tests: readonly string[]): Promise<Verdict | undefined> {
  const outputFile = join(tree.root, '.report.json')
  const vitest = join(tree.root, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [vitest, 'run', '--reporter=json', `--outputFile=${outputFile}`, ...tests]
  const env = { ...process.env, HOLDFAST_TEST_SERVICES: JSON.stringify(tree.services) }
  const options = { cwd: tree.root, env, timeout: patience, maxBuffer: 1 << 26 }
  rmSync(outputFile, { force: true })
  // Failing tests make vitest exit with 1; what matters is whether it wrote its report.
  await run(process.execPath, args, options).catch(() => undefined)
  try {
    return readVerdict(JSON.parse(readFileSync(outputFile, 'utf8')))
  } catch {
    return undefined
  }
}

function copyFile(tree: TrialTree, path: string): void {
  const target = join(tree.root, path)
  mkdirSync(dirname(target), { recursive: true })
  // A file that git lists may have been deleted and not yet committed.
  rmSync(target, { force: true })
  cpSync(join(tree.original, path), target, { force: true, errorOnExist: false })
}
