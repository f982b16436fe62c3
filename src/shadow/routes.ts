import { shieldReport, shieldReportQuery } from '../contract-shadow.ts'
import { type Route, route } from '../http/index.ts'
import type { ShieldWatch } from './shield-watch.ts'

export interface ShadowRouteParts {
  readonly shield: ShieldWatch
  /** Path of the administrators' API. */
  readonly path: string
}

/** What the shield would refuse, for administrators. */
export function shadowRoutes({ path, shield }: ShadowRouteParts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: `${path}/shield/shadow`,
      summary: 'What the controls of the shield refused and would have refused, with examples',
      policy: { kind: 'permission', permission: 'read:security:shield' },
      query: shieldReportQuery,
      responses: {
        200: { description: 'Counts by control, rule and route', schema: shieldReport },
      },
      handle: async ({ query: { days, enforced } }) => {
        const asked = enforced === undefined ? {} : { enforced: enforced === 'true' }
        return { status: 200, json: await shield.report({ days, ...asked }) }
      },
    }),
  ]
}
