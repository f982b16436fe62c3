import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * A committed change that removes one protection, so that a test can show it notices. A patch file is
 *
 *     Rule: 37 Secrets compared with ===.
 *     Tests: src/crypto/constant-time.test.ts
 *
 * and then a unified diff, as `git diff` prints it.
 */
export interface ProtectionPatch {
  /** The file's name without `.patch`. */
  readonly name: string
  readonly file: string
  /** The rule that is broken, with its number. */
  readonly rule: string
  /** The test files that have to notice. */
  readonly tests: readonly string[]
  /** The modules it changes. */
  readonly changes: readonly string[]
}

/** All patches in `folder`, in the order of their numbers. */
export function readPatches(folder: string): ProtectionPatch[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.patch'))
  return names.sort().map((name) => parsePatch(join(folder, name)))
}

function parsePatch(file: string): ProtectionPatch {
  const text = readFileSync(file, 'utf8')
  const name = file.replace(/^.*[\\/]|\.patch$/g, '')
  const rule = /^Rule: ((?:\d+|[A-Z]\d+) .+)$/m.exec(text)?.[1]
  const tests = /^Tests: (.+)$/m.exec(text)?.[1]?.split(/\s+/)
  if (!/^(?:\d\d|[A-Z]\d{1,2})-[a-z0-9-]+$/.test(name))
    throw new Error(
      `${name}: name it NN-what-it-removes.patch, or by a row: A7-what-it-removes.patch`,
    )
  if (rule === undefined) throw new Error(`${name}: a line "Rule: NUMBER TEXT" is missing`)
  if (tests === undefined) throw new Error(`${name}: a line "Tests: FILE ..." is missing`)
  const changes = [...text.matchAll(/^\+\+\+ b\/(.+)$/gm)].map((match) => match[1] ?? '')
  return { name, file, rule, tests, changes }
}

/** Why `patch` cannot be used on the tree at `root`, or undefined when it can. */
export async function findPatchFault(
  patch: ProtectionPatch,
  root: string,
): Promise<string | undefined> {
  const absent = patch.tests.find((test) => !existsSync(join(root, test)))
  if (absent !== undefined) return `there is no ${absent}`
  const ownTest = patch.changes.find((path) => /\.test\.ts$|^test\//.test(path))
  if (ownTest !== undefined) return `it changes ${ownTest}, which is no protection`
  return applyPatch(patch, root, '--check')
}

/** Applies `patch`, or only tries to; answers git's words when that fails. */
export async function applyPatch(
  patch: ProtectionPatch,
  root: string,
  ...flags: readonly string[]
): Promise<string | undefined> {
  // Outside a repository `git apply` is a plain patch program; the ceiling keeps it from finding one.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(root), GIT_DIR: '/dev/null' }
  try {
    await run('git', ['apply', ...flags, patch.file], { cwd: root, env })
    return undefined
  } catch (error) {
    return `it does not apply: ${error instanceof Error ? error.message : String(error)}`
  }
}
