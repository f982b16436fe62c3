import { SecurityError } from '../src/errors/index.ts'
import type { Security } from '../src/security.ts'

/**
 * Awaits a change of roles. An unknown role is refused with the names of the known ones: the command
 * line does not run the app, so it cannot know the roles that the app's code defines.
 */
export async function explainRoles<T>(security: Security, change: Promise<T>): Promise<T> {
  try {
    return await change
  } catch (error) {
    if (!(error instanceof SecurityError) || error.code !== 'role_unknown') throw error
    const known = security.access.roles.names.join(', ')
    const explanation = `The command line knows these roles: ${known}. A role that your app defines in \`access.roles\` is given by the app: await security.users.grantRole('ada@example.com', 'clerk').`
    throw new SecurityError(error.code, error, { explanation })
  }
}
