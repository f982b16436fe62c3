import { App } from '../app.ts'
import type { Config } from '../config/index.ts'
import { ClockCheck, Migrator } from '../database/index.ts'
import { openApiRoute } from '../openapi.ts'
import type { Timer } from '../ports/index.ts'
import { version } from '../version.ts'
import type { HandledWebhook } from '../webhooks/index.ts'
import { type Ground, openGround } from './ground.ts'
import { scheduleJobs } from './jobs.ts'
import { migrations } from './migrations.ts'
import { wireObservers } from './observers.ts'
import { type Rooms, wireRooms } from './rooms.ts'
import { tellAboutMail, tellRelaxations } from './start-messages.ts'
import { type Surface, wireSurface } from './surface.ts'

const pingMs = 1_000

/** Everything of a security that has started. */
export interface Running {
  readonly ground: Ground
  readonly rooms: Rooms
  readonly surface: Surface
  readonly app: App
  /** Work that every node does by itself. */
  readonly timer: Timer
}

export interface StartOptions {
  readonly jobs: boolean
  /** The operator has been told the relaxations in another way. */
  readonly told: boolean
  /** Handlers of webhooks by name; it fills while the app is put together. */
  readonly webhooks: ReadonlyMap<string, HandledWebhook>
}

const idle: Timer = Object.freeze({ cancel: () => {} })

/** Opens, migrates and wires. When a step fails nothing stays open. */
export async function startRunning(config: Config, start: StartOptions): Promise<Running> {
  const ground = await openGround(config)
  try {
    await new Migrator(ground.database, migrations).up()
    await ground.revocations.start()
    await ground.ipRuleCopy.settle(ground.database.reader)
    await ground.valkeyLimits?.start()
    const rooms = wireRooms(ground, start.webhooks)
    wireObservers(ground)
    await rooms.keys.start()
    await rooms.access.refreshRoles(ground.database.reader)
    const clocks = new ClockCheck({ ...config, database: ground.database })
    await clocks.isRight().catch(() => false)
    const surface = wireSurface(ground, rooms, () => isReady(ground, clocks))
    const app = wireApp(config, rooms, surface)
    tellAboutMail(config)
    if (!start.told) tellRelaxations(config)
    return { ground, rooms, surface, app, timer: start.jobs ? scheduleJobs(ground, rooms) : idle }
  } catch (error) {
    await ground.revocations.close()
    await ground.valkeyLimits?.close()
    await ground.database.close()
    throw error
  }
}

/** Stops jobs, writes what waits, closes the database. */
export async function stopRunning({ ground, rooms, timer }: Running): Promise<void> {
  timer.cancel()
  await ground.revocations.close()
  await ground.jobs.stop()
  await rooms.activity.close()
  await rooms.keyUsage.close()
  await ground.limits.reconcile().catch(() => {})
  await ground.refusals.flush(ground.database).catch(() => {})
  await ground.addressRefusals.flush(ground.database).catch(() => {})
  await ground.guessRefusals.flush(ground.database).catch(() => {})
  await rooms.access.refusals.flush(ground.database).catch(() => {})
  await ground.shadow.close(ground.database).catch(() => {})
  await rooms.csp.flush().catch(() => {})
  await rooms.detector.flush().catch(() => {})
  await ground.audit.close()
  await ground.hasher.close()
  await ground.policy.close()
  await ground.config.mail.mailer?.close?.()
  await ground.valkeyLimits?.close()
  await ground.database.close()
}

function wireApp(config: Config, rooms: Rooms, surface: Surface): App {
  const { appName, baseUrl, body, clock, logger, paths, stepUp } = config
  const info = { title: appName, version, serverUrl: baseUrl }
  return new App({
    routes: [...surface.routes, openApiRoute(surface.routes, info)],
    limits: body,
    ...{ clock, logger, appName },
    language: config.mail.language,
    enterOrganisation: (auth, reference, { state }) =>
      rooms.entrance.enter(auth, reference, state.client),
    stepUpMs: stepUp.withinMs,
    accountPath: paths.account,
    csrfToken: rooms.csrfToken,
    explains: config.mode === 'development',
    noteRefusal: (error) => rooms.access.refusals.note(error),
  })
}

async function isReady({ database, revocations }: Ground, clocks: ClockCheck): Promise<boolean> {
  if (!revocations.fresh) return false
  return database.ping(pingMs).then(
    () => clocks.isRight().catch(() => false),
    () => false,
  )
}
