/**
 * npm run prove [-- NAME]
 *
 * For each patch in test/prove/ (or those whose name holds NAME): removes that protection in a copy of
 * the project, runs the tests it names, and tells which went red. A patch that no test notices, that
 * no longer applies, or whose tests are red anyway is a failure. Exits 1 when there is one.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ProtectionPatch, readPatches } from '../test/prove/patch.ts'
import {
  makeTrialTree,
  type TrialResult,
  type TrialTree,
  tryPatch,
  tryWithout,
} from '../test/prove/trial.ts'
import { offerServices } from '../test/services/services.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

async function main(wanted: string): Promise<number> {
  const patches = readPatches(join(root, 'test/prove')).filter(({ name }) => name.includes(wanted))
  if (patches.length === 0) {
    console.error(`There is no patch in test/prove/ whose name holds "${wanted}".`)
    return 1
  }
  const services = await offerServices()
  try {
    return await proveAll(await makeTrialTree(root, services.address), patches)
  } finally {
    await services.stop()
  }
}

async function proveAll(tree: TrialTree, patches: readonly ProtectionPatch[]): Promise<number> {
  const baselines = new Map<string, Promise<string | undefined>>()
  let unproven = 0
  for (const patch of patches) {
    const tried = await tryPatch(tree, patch)
    const fault = tried.fault ?? (await findRedBaseline(tree, tried.noticedBy, baselines))
    if (fault !== undefined) unproven += 1
    console.log(describe({ ...tried, fault }))
  }
  const noticed = patches.length - unproven
  console.log(`\n${patches.length} protections removed, ${noticed} noticed, ${unproven} not.`)
  return unproven === 0 ? 0 : 1
}

/** Why what went red was no notice: each file that noticed something is run once without a patch. */
async function findRedBaseline(
  tree: TrialTree,
  files: readonly string[],
  known: Map<string, Promise<string | undefined>>,
): Promise<string | undefined> {
  const faults: (string | undefined)[] = []
  for (const file of files) {
    const fault = known.get(file) ?? tryWithout(tree, [file])
    known.set(file, fault)
    faults.push(await fault)
  }
  return faults.find((fault) => fault !== undefined)
}

function describe({ patch, red, fault }: TrialResult): string {
  const head = `${fault === undefined ? 'ok  ' : 'FAIL'} ${patch.name}  (rule ${patch.rule})`
  if (fault !== undefined) return `${head}\n       ${fault}`
  const more = red.length > 2 ? [`... and ${red.length - 2} more`] : []
  return [head, ...red.slice(0, 2).map((title) => `red: ${title}`), ...more].join('\n       ')
}

process.exitCode = await main(process.argv[2] ?? '')
