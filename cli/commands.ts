import { accessRls } from './access.ts'
import { accessExplain } from './access-explain.ts'
import { checkSql } from './check-sql.ts'
import type { Command } from './command.ts'
import { cspCommands } from './csp.ts'
import { importUsers } from './import.ts'
import { ipCommands } from './ip.ts'
import { keysCommands } from './keys.ts'
import { migrateCommands } from './migrate.ts'
import { organisationsCommands } from './organisations.ts'
import { rolesCommands } from './roles.ts'
import { routes } from './routes.ts'
import { secretsGenerate } from './secrets.ts'
import { serve } from './serve.ts'
import { shieldCommands } from './shield.ts'
import { usersCommands } from './users.ts'
import { webhooksCommands } from './webhooks.ts'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = Object.freeze([
  serve,
  secretsGenerate,
  ...migrateCommands,
  ...usersCommands,
  ...keysCommands,
  ...webhooksCommands,
  importUsers,
  accessExplain,
  accessRls,
  ...rolesCommands,
  ...organisationsCommands,
  ...ipCommands,
  ...shieldCommands,
  ...cspCommands,
  routes,
  checkSql,
])
