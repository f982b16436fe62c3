import { chmodSync, mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it, type TestContext } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { freePort } from '../free-port.ts'
import { testWorkspace } from '../services/context.ts'
import { packTarball } from './pack.ts'
import { InstallError, installProject, type Project } from './project.ts'
import { walkQuickStart } from './quick-start.ts'

const oldest = '22.18.0'
const newest = '26.10.0'
// The registry has each Node as a package with the program inside.
const platform = process.platform === 'win32' ? 'win' : process.platform
const nodePackage = `node-${platform}-${process.arch}`
const folder = mkdtempSync(join(testWorkspace(), 'node-versions-'))
let tarball = ''

beforeAll(async () => {
  tarball = (await packTarball(folder)).file
})

it('the oldest Node is the one that package.json admits', () => {
  expect(manifest.engines.node).toBe(`>=${oldest.replace(/\.0$/, '')}`)
})

it.for([oldest, newest])(
  'the quick start runs on Node %s',
  { timeout: 120_000 },
  async (version, context) => {
    const express = `express@${manifest.devDependencies.express}`
    const project = await install(version, [tarball, express, `${nodePackage}@${version}`], context)
    const node = join(project.folder, 'node_modules', nodePackage, 'bin/node')
    chmodSync(node, 0o755)
    expect((await project.run(node, ['--version'])).stdout).toBe(`v${version}\n`)
    project.write(
      'require.cjs',
      readFileSync(new URL('consumers/require.cjs', import.meta.url), 'utf8'),
    )
    expect(await project.run(node, ['require.cjs'])).toMatchObject({ code: 0, stderr: '' })
    const seen = await walkQuickStart(project, { port: await freePort(), node })
    expect(seen).toMatchObject({ registered: 202, signedOut: 401, withoutPermission: 403 })
  },
)

/** Installs from the configured registry. Where nobody answers, the run says so and leaves it out. */
async function install(name: string, packages: string[], context: TestContext): Promise<Project> {
  try {
    const manifest = { type: 'module' }
    return await installProject({ folder: join(folder, name), packages, manifest })
  } catch (error) {
    const unreachable = error instanceof InstallError && error.unreachable
    if (unreachable) context.skip('the package registry cannot be reached')
    throw error
  }
}
