import type { Ground } from './ground.ts'
import type { Rooms } from './rooms.ts'

const minuteMs = 60 * 1000
const hourMs = 60 * minuteMs

/** The work that is done again and again, once across nodes. Mail registers its own. */
export function scheduleJobs(ground: Ground, rooms: Rooms): void {
  const { config, database, jobs, refusals, revocations, sqlLimits } = ground
  const add = (name: string, everyMs: number, work: () => Promise<unknown>) =>
    jobs.register({ name, everyMs, run: async () => void (await work()) })
  add('sessions.sweep', hourMs, () => rooms.sessions.sweep())
  add('sign_up.sweep', hourMs, () => rooms.signUp.sweep())
  add('revocations.sweep', hourMs, () => revocations.sweep())
  add('keys.rotate', hourMs, () => rooms.keys.rotateIfDue())
  add('limits.sweep', 10 * minuteMs, () =>
    database.transaction((trx) => sqlLimits.sweep(trx, config.clock.now(), 500)),
  )
  add('limits.refusals', minuteMs, () => refusals.flush(database))
  jobs.start()
}
