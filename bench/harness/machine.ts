import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'
import { root } from './paths.ts'

/** Where and with what a run was made; without it no figure means anything. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  /** Commit of the measured code; `+` marks a checkout with changes. */
  readonly commit: string
  readonly versions: Readonly<Record<string, string>>
  /** Load average of the last minute when the run began: above 1 the machine was not quiet. */
  readonly load: number
}

export function describeMachine(packages: readonly string[]): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    commit: commit(),
    versions: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  }
}

/** Whether a program can be started at all. */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined
}

function versionOf(name: string): string {
  const manifest = readFileSync(`${root}/node_modules/${name}/package.json`, 'utf8')
  return String((JSON.parse(manifest) as { version: string }).version)
}

function commit(): string {
  try {
    const git = (...parts: string[]) =>
      execFileSync('git', parts, { cwd: root, encoding: 'utf8' }).trim()
    const changed = git('status', '--porcelain', '--', 'src', 'bench') !== ''
    return git('rev-parse', '--short', 'HEAD') + (changed ? '+' : '')
  } catch {
    return 'unknown'
  }
}
