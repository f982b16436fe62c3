import type { Clock, Timer } from '../ports/index.ts'
import type { Ground } from './ground.ts'
import type { Rooms } from './rooms.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

/**
 * Starts the work that is done again and again: once across nodes as jobs, and on every node by the
 * timer that is returned. Mail registers its own job.
 */
export function scheduleJobs(ground: Ground, rooms: Rooms): Timer {
  const { devices, jobs, revocations, shield, spentChallenges, sqlLimits, throttle } = ground
  const add = (name: string, everyMs: number, work: (signal: AbortSignal) => Promise<unknown>) =>
    jobs.register({ name, everyMs, run: async ({ signal }) => void (await work(signal)) })
  add('sessions.sweep', hourMs, (signal) => rooms.sessions.sweep(signal))
  add('users.erase_closed', hourMs, (signal) => rooms.users.eraseClosed(signal))
  add('users.sweep_resets', hourMs, (signal) => rooms.users.sweepResets(signal))
  add('sign_in.sweep', 10 * minuteMs, (signal) => rooms.signIn.sweep(signal))
  add('sign_up.sweep', hourMs, (signal) => rooms.signUp.sweep(signal))
  add('api_keys.sweep', hourMs, (signal) => rooms.apiKeys.sweep(signal))
  add('organisations.sweep', hourMs, (signal) => rooms.organisations.sweep(signal))
  add('recovery.sweep', hourMs, (signal) => rooms.recovery.sweep(signal))
  add('revocations.sweep', hourMs, (signal) => revocations.sweep(signal))
  add('keys.rotate', hourMs, () => rooms.keys.rotateIfDue())
  add('limits.sweep', 10 * minuteMs, (signal) => sqlLimits.sweepAll(signal))
  add('captcha.sweep', 10 * minuteMs, (signal) => spentChallenges.sweep(signal))
  add('passkeys.sweep', 10 * minuteMs, (signal) => rooms.passkeys.sweep(signal))
  add('signatures.sweep', 10 * minuteMs, (signal) => rooms.signatureNonces.sweep(signal))
  add('encryption_keys.rotate', hourMs, () => rooms.encryptionKeys.rotateIfDue())
  add('throttle.sweep', hourMs, (signal) => throttle.sweep(signal))
  add('devices.sweep', hourMs, (signal) => devices.sweep(signal))
  add('shadow.sweep', hourMs, () => shield.sweep())
  add('csp.sweep', hourMs, (signal) => rooms.csp.sweep(signal))
  jobs.start()
  return onEveryNode(ground, rooms)
}

/** Work on what each node keeps in its own memory. */
function onEveryNode(ground: Ground, rooms: Rooms): Timer {
  const { addressRefusals, config, database, guessRefusals, limits, refusals, shadow } = ground
  const { clock, logger } = config
  const counts = every(clock, 5 * secondMs, () => {
    limits.reconcile().catch((error) => {
      logger.warn('limits in memory wait to be reconciled', { error })
    })
  })
  const watched = every(clock, 10 * secondMs, () => {
    shadow.flush(database).catch((error) => {
      logger.warn('refusals by the shield wait to be recorded', { error })
    })
    rooms.csp.flush().catch((error) => {
      logger.warn('reports of browsers wait to be recorded', { error })
    })
  })
  // Refusals are counted in the memory of each node, so each node writes its own. Keys are read by
  // each: one that goes on signing with a key that another has replaced makes tokens nobody takes.
  const rest = every(clock, minuteMs, () => {
    refusals.flush(database).catch((error) => {
      logger.warn('refusals by limits wait to be recorded', { error })
    })
    addressRefusals.flush(database).catch((error) => {
      logger.warn('refused addresses wait to be recorded', { error })
    })
    guessRefusals.flush(database).catch((error) => {
      logger.warn('refused guesses wait to be recorded', { error })
    })
    rooms.access.refusals.flush(database).catch((error) => {
      logger.warn('refusals by roles wait to be recorded', { error })
    })
    rooms.detector.flush().catch((error) => {
      logger.warn('refused attacks wait to be recorded', { error })
    })
    rooms.keys.refresh().catch((error) => {
      logger.warn('signing keys could not be read again', { error })
    })
  })
  return {
    cancel: () => {
      counts.cancel()
      watched.cancel()
      rest.cancel()
    },
  }
}

function every(clock: Clock, ms: number, task: () => void): Timer {
  let timer = clock.after(ms, tick)
  function tick(): void {
    task()
    timer = clock.after(ms, tick)
  }
  return { cancel: () => timer.cancel() }
}
