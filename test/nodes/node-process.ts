import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import express from 'express'
import { createSecurity, type ExpressSecurity } from '../../src/adapters/express/index.ts'
import type { SecurityOptions } from '../../src/config/index.ts'
import { nativeArgon2 } from '../../src/crypto/argon2.ts'
import { PasswordHasher } from '../../src/crypto/index.ts'
import { type Clock, type OutgoingMail, silentLogger, systemClock } from '../../src/ports/index.ts'
import type { CommandMessage, NodeMessage, NodeSettings } from './protocol.ts'

/**
 * One node of a cluster, as a process of its own: an Express app behind a security. Its first IPC
 * message is NodeSettings; see protocol.ts for the rest. Routes: `GET` and `POST /api/orders`
 * (`read:orders`, `write:orders`), `GET /api/own` (`read:own`), `GET /open`.
 */
const wide = { points: 1_000_000 } as const
/** Resolves once the parent has it, or is gone. */
const say = (message: NodeMessage) =>
  new Promise<void>((resolve) => {
    process.send?.(message, undefined, {}, () => resolve())
  })

process.once('message', (settings: NodeSettings) => {
  start(settings).catch(async (error: unknown) => {
    await say({ kind: 'failed', error: error instanceof Error ? String(error.cause ?? error) : '' })
    process.disconnect()
  })
})
process.once('disconnect', () => process.exit())

async function start(settings: NodeSettings): Promise<void> {
  const clock = offsetClock(settings.clockOffsetMs ?? 0)
  const security = createSecurity(optionsOf(settings, clock))
  await security.ready()
  const hashes = countHashes(security, settings.realHashes ?? false)
  const app = makeApp(security)
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await security.close()
  }
  const calls = { users: callsOf(security.users), organisations: callsOf(security.organisations) }
  const commands = { ...calls, ...controls(security, clock), hashes, close }
  process.on('message', (message: CommandMessage) => void obey(commands, message))
  await say({ kind: 'ready', port: (server.address() as AddressInfo).port })
}

function optionsOf({ masterKey, options, url }: NodeSettings, clock: Clock): SecurityOptions {
  return {
    baseUrl: 'http://localhost:3000',
    mode: 'development',
    masterKey,
    database: url,
    mail: {
      mailer: { send: async (mail: OutgoingMail) => say({ kind: 'mail', mail }) },
      from: 'Test <test@example.com>',
    },
    clock,
    logger: silentLogger,
    trustedProxies: ['127.0.0.0/8', '::1'],
    ...options,
    limits: {
      ...{ general: wide, account: wide, auth: wide, authClient: wide },
      ...{ mailAddress: wide, mailClient: wide, passwordCheck: wide },
      ...options?.limits,
    },
  }
}

function makeApp(security: ExpressSecurity) {
  const app = security.protect(express())
  app.get('/api/orders', security.guard('read:orders'), (req, res) => {
    res.json({ auth: req.auth })
  })
  app.post('/api/orders', security.guard('write:orders'), (req, res) => {
    res.json({ body: req.body })
  })
  app.get('/api/own', security.guard('read:own'), (req, res) => {
    res.json({ auth: req.auth })
  })
  app.get('/open', security.open(), (_req, res) => {
    res.send('hello')
  })
  app.use(security.errorHandler())
  return app
}

interface OffsetClock extends Clock {
  jump(ms: number): void
}

function offsetClock(start: number): OffsetClock {
  let offset = start
  return {
    ...systemClock,
    now: () => systemClock.now() + offset,
    jump: (ms) => {
      offset += ms
    },
  }
}

/**
 * Counts at the hasher, where every password passes whatever the answer will be. Unless `real`, it
 * hashes there with argon2id at its least cost, so that races of hundreds fit into a test.
 */
function countHashes({ config, parts }: ExpressSecurity, real: boolean): () => number {
  let count = 0
  const counting: typeof nativeArgon2 = (work) => {
    count += 1
    return nativeArgon2(work)
  }
  const { clock, password } = config
  const cheap = new PasswordHasher({
    ...{ clock, memoryKiB: 8, passes: 1, parallelism: 1 },
    ...(real ? { memoryKiB: password.memoryKiB, passes: password.passes } : {}),
    argon2: counting,
    ...{ concurrency: 2, maxWaitMs: password.maxWaitMs },
  })
  const { hasher } = parts.ground
  hasher.hash = (text) => cheap.hash(text)
  hasher.verify = (stored, text) => cheap.verify(stored, text)
  return () => count
}

type Command = (...args: never[]) => unknown

/** Whatever the parent names of a room, called. */
function callsOf(room: object): Command {
  const methods = room as Readonly<Record<string, Command>>
  return (method: string, ...args: never[]) => methods[method]?.call(room, ...args)
}

function controls({ parts }: ExpressSecurity, clock: OffsetClock): Record<string, Command> {
  const { revocations } = parts.ground
  const poll = revocations.poll.bind(revocations)
  return {
    deliverMail: async () => void (await parts.ground.outbox.deliverDue()),
    poll: () => {
      revocations.poll = poll
      return poll()
    },
    deafen: () => {
      revocations.poll = async () => {}
    },
    ...proofGate(parts.rooms.factors),
    memory: residentBytes,
    jump: (ms: number) => clock.jump(ms),
  }
}

/** Holds one proof of a second factor in flight, so that a test decides what overtakes it. */
function proofGate(factors: ExpressSecurity['parts']['rooms']['factors']): Record<string, Command> {
  let held = Promise.withResolvers<void>()
  let released = Promise.withResolvers<void>()
  const reserve = factors.reserve.bind(factors)
  return {
    holdProof: () => {
      held = Promise.withResolvers()
      released = Promise.withResolvers()
      factors.reserve = async (...given) => {
        factors.reserve = reserve
        const guess = await reserve(...given)
        held.resolve()
        await released.promise
        return guess
      }
    },
    proofHeld: () => held.promise,
    releaseProof: () => released.resolve(),
  }
}

/** After the collection that also gives pages back, so that what is left is really held. */
function residentBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (how: Readonly<Record<string, string>>) => void
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  return process.memoryUsage.rss()
}

async function obey(commands: Record<string, Command>, message: CommandMessage): Promise<void> {
  const { args, command, id } = message
  try {
    const value = await commands[command]?.(...(args as never[]))
    await say({ kind: 'result', id, value })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    await say({ kind: 'error', id, code })
  }
  if (command === 'close') process.disconnect()
}
