import type { Request } from 'express'
import type { AttributeValues, Auth } from 'holdfast/express'
import type { ConstructionStore } from './store.ts'

/** The caller of a request behind a guard. */
export function callerOf(request: Request): Auth {
  if (!request.auth) throw new Error('this route has no guard')
  return request.auth
}

/** What the rules may know of a caller beside the account: the projects they work on, read each time. */
export async function attributesOf(
  store: ConstructionStore,
  { userId }: Auth,
): Promise<AttributeValues> {
  return { projects: await store.projectsOf(userId) }
}
