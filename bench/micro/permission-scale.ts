import type { PermissionSet } from 'holdfast'
import { openHoldfast } from './holdfast.ts'
import type { Loop, Loops } from './main.ts'
import { checking } from './permission-checks.ts'

/** As many callers at a time as one node sees within a moment, each with twelve roles of their own. */
const callers = 64
const rolesOfEach = 12

/** A check for one of some callers, whatever else there is: what grows is what does not ask. */
export const scaleLoops: Loops = {
  '1 thousand users, 100 roles': () => amid({ users: 1_000, roles: 100 }),
  '1 million users, 10 thousand roles': () => amid({ users: 1_000_000, roles: 10_000 }),
}

interface Size {
  readonly users: number
  readonly roles: number
}

interface Asking {
  readonly userId: string
  readonly permission: string
}

/** Everybody is known by what they hold, as verdicts are remembered; those who ask are spread over all. */
async function amid({ roles, users }: Size): Promise<Loop> {
  const { close, security } = await openHoldfast({ access: { roles: rolesOf(roles) } })
  const held = new Map<string, PermissionSet>()
  const questions: Asking[] = []
  const step = users / callers
  for (let user = 0; user < users; user++) {
    const isCaller = Math.floor(user / step) !== Math.floor((user - 1) / step)
    // Whoever does not ask shares what somebody else holds, as people of one job do.
    const own = isCaller ? user : user % callers
    const names = Array.from(
      { length: rolesOfEach },
      (_, at) => `role-${(own * 7 + at * 5) % roles}`,
    )
    const userId = `019bc186-de00-7ed0-9889-${String(user).padStart(12, '0')}`
    held.set(userId, security.access.permissionsOf(names))
    if (isCaller) questions.push({ userId, permission: `read:resource-${(own * 7) % roles}` })
  }
  const has = ({ permission, userId }: Asking) => held.get(userId)?.has(permission) === true
  const allowed = questions.filter(has).length
  const refused = questions.filter(({ userId }) => !has({ userId, permission: 'delete:nothing' }))
  const decisions = { permission: { allowed, refused: refused.length } }
  return { ...checking(has, questions), decisions: () => decisions, close }
}

function rolesOf(count: number) {
  const buyer = { permissions: ['read:orders'] }
  const names = Array.from({ length: count }, (_, number) => [
    `role-${number}`,
    { permissions: [`read:resource-${number}`, `write:resource-${number}:*`, 'read:public:*'] },
  ])
  return { buyer, ...Object.fromEntries(names) }
}
