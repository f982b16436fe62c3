import type { Route } from '../http/index.ts'
import { accountRoutes } from './account-routes.ts'
import type { AdminRouteParts } from './caller.ts'
import { changeRoutes } from './change-routes.ts'
import { factorRoutes } from './factor-routes.ts'
import { roleRoutes } from './role-routes.ts'
import { rolesRoutes } from './roles-routes.ts'

/** The administrators' API for accounts and their roles. */
export function adminRoutes(parts: AdminRouteParts): readonly Route[] {
  return [
    ...accountRoutes(parts),
    ...changeRoutes(parts),
    ...factorRoutes(parts),
    ...roleRoutes(parts),
    ...rolesRoutes(parts),
  ]
}
