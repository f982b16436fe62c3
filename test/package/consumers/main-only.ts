// The main entry alone, in a project without Express and its types.
import { createSecurity, type Security, type SecurityOptions, toProblem } from 'holdfast'

export const make = (options: SecurityOptions) => createSecurity(options)
export const open = async (security: Security) => ({
  account: await security.users.find('ada@example.com'),
  routes: security.routes.map(({ path, policy }) => ({ path, policy })),
})
export const problem = (error: unknown) => toProblem(error)
