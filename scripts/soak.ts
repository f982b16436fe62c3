import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * `npm run soak`: the rules that are tested by many rounds, with the rounds of the long run: 500 kills
 * instead of 50, 500 races instead of 20. Further arguments go to vitest, such as a file or `-t`.
 * Ends with vitest's exit code.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const given = process.argv.slice(2)
const files = given.length > 0 ? given : ['test/rules']
const hours = 6 * 3_600_000

const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', `--testTimeout=${hours}`, `--hookTimeout=${hours}`, ...files],
  { cwd: root, stdio: 'inherit', env: { ...process.env, HOLDFAST_SOAK: '10' } },
)
process.exitCode = status ?? 1
