import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { WebhookNodeMessage, WebhookNodeSettings } from '../processes/webhook-node.ts'
import { describeEngines, type FreshDatabase, freshDatabase } from '../services/fresh-database.ts'
import { signedRequest, webhookSecret } from '../webhook-bench.ts'

const program = fileURLToPath(new URL('../processes/webhook-node.ts', import.meta.url))
const minute = 60_000

interface Node {
  readonly base: string
  /** Ids of deliveries whose handlers have begun here. */
  readonly began: string[]
  readonly child: ChildProcess
}

async function startNode(settings: WebhookNodeSettings): Promise<Node> {
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] })
  const began: string[] = []
  const ready = Promise.withResolvers<number>()
  child.on('message', (message: WebhookNodeMessage) => {
    if ('port' in message) ready.resolve(message.port)
    else began.push(message.began)
  })
  child.once('exit', () => ready.reject(new Error('the node has ended')))
  child.send(settings)
  return { base: `http://127.0.0.1:${await ready.promise}`, began, child }
}

async function deliver(node: Node | undefined, id: string, as = id): Promise<string> {
  const { headers, rawBody } = signedRequest('shopify', 0, {
    body: `{"n":"${id} O'Brien"}`,
    id: as,
  })
  const response = await fetch(`${node?.base}/hook`, { method: 'POST', headers, body: rawBody })
  const { status } = (await response.json()) as { status: string | number }
  return `${response.status} ${status}`
}

const eventually = <T>(probe: () => T) => expect.poll(probe, { timeout: 20_000, interval: 20 })

describeEngines('webhooks of two processes on one database', (engine) => {
  let fresh: FreshDatabase
  let nodes: Node[]
  let settings: WebhookNodeSettings

  beforeEach(async () => {
    fresh = await freshDatabase(engine)
    nodes = []
    const masterKey = randomBytes(32).toString('base64url')
    settings = { url: fresh.url, masterKey, secret: webhookSecret }
  })
  afterEach(async () => {
    for (const { child } of nodes) {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    await fresh.drop()
  })
  const start = async (changes: Partial<WebhookNodeSettings> = {}) => {
    const node = await startNode({ ...settings, ...changes })
    nodes.push(node)
    return node
  }

  it('take a delivery once, on whichever of them it comes again', async () => {
    const [one, other] = [await start(), await start()]
    expect(await deliver(one, 'w-1')).toBe('200 accepted')
    expect(await deliver(other, 'w-1')).toBe('200 duplicate')
    expect(await deliver(other, 'w-1', 'renamed')).toBe('200 duplicate')
    for (let round = 0; round < 5; round++) {
      const id = `race-${round}`
      const turns = Array.from({ length: 100 }, (_, n) => deliver(n % 2 ? one : other, id))
      const answers = await Promise.all(turns)
      expect(answers.filter((answer) => answer === '200 accepted')).toHaveLength(1)
      expect(answers.filter((answer) => answer === '200 duplicate')).toHaveLength(99)
    }
    await eventually(() => one.began.length + other.began.length).toBe(6)
    expect(new Set([...one.began, ...other.began]).size).toBe(6)
  })

  it('lose nothing that was answered 200 when the process dies before its handlers have ended', async () => {
    const dying = await start({ hang: true })
    const ids = Array.from({ length: 12 }, (_, n) => `w-${n}`)
    const answers = await Promise.all(ids.map((id) => deliver(dying, id)))
    expect(new Set(answers)).toEqual(new Set(['200 accepted']))
    await eventually(() => dying.began.length).toBeGreaterThan(0)
    dying.child.kill('SIGKILL')
    await once(dying.child, 'exit')
    expect(dying.began.length).toBeLessThan(ids.length)
    // Its clock is past the end of every lease of the dead.
    const heir = await start({ clockOffsetMs: 5 * minute })
    await eventually(() => heir.began.length).toBe(ids.length)
    expect(new Set(heir.began)).toEqual(new Set(ids))
    expect(await deliver(heir, 'w-0')).toBe('200 duplicate')
  })
})
