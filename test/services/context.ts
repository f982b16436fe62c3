import { inject } from 'vitest'
import type { ServiceName } from './binaries.ts'
import { askForService, type ServicesAddress } from './services.ts'

declare module 'vitest' {
  interface ProvidedContext {
    services: ServicesAddress
  }
}

/**
 * The URL of a server of this run, started now if it is not up yet. Everything in it is shared by all
 * test files: keep to a database (`freshDatabase`) or a key prefix of your own.
 */
export function serviceUrl(name: ServiceName): Promise<string> {
  return askForService(inject('services').broker, name)
}

/** A folder that goes when the run ends. */
export function testWorkspace(): string {
  return inject('services').workspace
}
