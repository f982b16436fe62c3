import type { Command } from './command.ts'
import { secretsGenerate } from './secrets.ts'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = Object.freeze([secretsGenerate])
