import { chmodSync, mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { freePort } from '../free-port.ts'
import { testWorkspace } from '../services/context.ts'
import { packTarball } from './pack.ts'
import { installProject, type Project } from './project.ts'
import { walkQuickStart } from './quick-start.ts'
import { run } from './run.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const oldest = '22.18.0'
const newest = '26.10.0'
// The registry has each Node as a package with the program inside.
const platform = process.platform === 'win32' ? 'win' : process.platform
const nodePackage = `node-${platform}-${process.arch}`
const folder = mkdtempSync(join(testWorkspace(), 'node-versions-'))
const reachable = await registryHas(`${nodePackage}@${oldest}`)
if (!reachable) {
  process.stdout.write(`Not run: the quick start on other Nodes (no ${nodePackage} in reach).\n`)
}

it('the oldest Node is the one that package.json admits', () => {
  expect(manifest.engines.node).toBe(`>=${oldest.replace(/\.0$/, '')}`)
})

describe.skipIf(!reachable)('with the package registry in reach', () => {
  let tarball = ''
  beforeAll(async () => {
    tarball = (await packTarball(folder)).file
  })

  it.each([oldest, newest])('the quick start runs on Node %s', async (version) => {
    const project = await installWith(tarball, version)
    const node = join(project.folder, 'node_modules', nodePackage, 'bin/node')
    chmodSync(node, 0o755)
    expect((await project.run(node, ['--version'])).stdout).toBe(`v${version}\n`)
    project.write('require.cjs', consumer('require.cjs'))
    const required = await project.run(node, ['require.cjs'])
    expect(required.stderr).not.toMatch(/require/i)
    expect(JSON.parse(required.stdout)).toMatchObject({ status: 401 })
    const seen = await walkQuickStart(project, { port: await freePort(), node })
    expect(seen).toMatchObject({ registered: 202, signedOut: 401, withoutPermission: 403 })
  })
})

function installWith(tarball: string, version: string): Promise<Project> {
  return installProject({
    folder: join(folder, version),
    packages: [tarball, `express@${manifest.devDependencies.express}`, `${nodePackage}@${version}`],
    manifest: { type: 'module' },
  })
}

function consumer(name: string): string {
  return readFileSync(new URL(`consumers/${name}`, import.meta.url), 'utf8')
}

async function registryHas(name: string): Promise<boolean> {
  const args = ['view', name, 'version', '--fetch-retries=1', '--fetch-timeout=10000']
  return (await run('npm', args, { cwd: folder })).code === 0
}
