import type { TestProject } from 'vitest/node'
import { missingPrograms } from './binaries.ts'
import './context.ts'
import { requireNode } from './node-version.ts'
import { offerServices } from './services.ts'

/** Runs once before all test files. `HOLDFAST_TEST_SERVICES` hands over the servers of another run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  requireNode()
  refuseToSkipInCi()
  const shared = process.env.HOLDFAST_TEST_SERVICES
  if (shared !== undefined) {
    project.provide('services', JSON.parse(shared))
    return async () => {}
  }
  const services = await offerServices()
  project.provide('services', services.address)
  return services.stop
}

function refuseToSkipInCi(): void {
  const missing = missingPrograms().map((program) => `${program.name} (${program.hint})`)
  if (process.env.CI !== 'true' || missing.length === 0) return
  throw new Error(`With CI=true nothing may be left out. Missing: ${missing.join(', ')}.`)
}
