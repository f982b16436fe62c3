import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '')

/** Servers and loops as plain JavaScript; see `build-servers.ts`. */
export const builtFolder = `${root}/bench/.built`

export const resultsFolder = `${root}/bench/results`
