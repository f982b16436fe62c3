import { type RawAnswer, RawClient } from '../adapters/raw-http.ts'
import { send, startNodes, type TestCluster, type TestNode } from '../nodes/nodes.ts'
import { freshDatabase } from '../services/fresh-database.ts'
import { Chance } from './chance.ts'
import { Judge } from './judge.ts'
import { type Document, type Operation, operationsOf, pageOperations } from './operations.ts'
import { Person } from './people.ts'
import { type Draft, draftRequest, type Wire } from './request.ts'
import type { World } from './values.ts'

export interface FuzzRun {
  readonly requests: number
  /** The same seed sends the same requests, but for ids and tokens that the site gives. */
  readonly seed: number
}

export interface FuzzReport extends FuzzRun {
  /** By `METHOD /path`. */
  readonly perRoute: ReadonlyMap<string, number>
  readonly perStatus: ReadonlyMap<string, number>
  /** Requests that got past authentication and limits. */
  readonly passed: number
  readonly limited: number
  /** Connections that ended without an answer although the request was whole HTTP. */
  readonly unanswered: number
  readonly hangs: number
  /** Bytes by which the node has grown since a fifth of the requests was answered. */
  readonly growth: number
  /** Answers that may not be; each with the number of its request. The first hundred. */
  readonly faults: readonly string[]
  readonly alive: boolean
}

const password = 'correct horse battery staple 42'
const ownOrigin = 'http://localhost:3000'
const workers = 6
const hangMs = 2_000

/** Routes that hash or weigh passwords, one request for every two of another route. */
const dear = /\/(?:login|register|verify-email|verify|sign-in|password\/check)$/

/**
 * Sends requests built from the node's own OpenAPI document, and from the forms of its pages, most
 * of them signed in, many spoiled, and judges every answer. Limits are out of the way.
 */
export async function fuzz(run: FuzzRun): Promise<FuzzReport> {
  const fresh = await freshDatabase('sqlite')
  const cluster = await startNodes(fresh.url, 1)
  try {
    return await new Campaign(run, cluster).run()
  } finally {
    await cluster.close()
    await fresh.drop()
  }
}

class Campaign {
  readonly #run: FuzzRun
  readonly #cluster: TestCluster
  readonly #node: TestNode
  readonly #perRoute = new Map<string, number>()
  readonly #perStatus = new Map<string, number>()
  readonly #faults: string[] = []
  readonly #count = { passed: 0, limited: 0, unanswered: 0, hangs: 0 }

  constructor(run: FuzzRun, cluster: TestCluster) {
    this.#run = run
    this.#cluster = cluster
    this.#node = cluster.node(0)
  }

  async run(): Promise<FuzzReport> {
    const document = (await this.#node.get('/openapi.json')).json as Document
    const operations = [...operationsOf(document), ...(await pageOperations())]
    const turns = operations.flatMap((one) => (dear.test(one.path) ? [one] : [one, one]))
    const world = await this.#makeWorld()
    const people = await this.#makePeople()
    const setting: WorkSetting = { turns, world, judge: new Judge(document) }
    const warm = Math.floor(this.#run.requests / 5)
    const work = (from: number, to: number) =>
      Promise.all(people.map((own, at) => this.#work({ ...setting, people: own, at, from, to })))
    await work(0, warm)
    const before = await this.#node.tell('memory')
    await work(warm, this.#run.requests)
    const alive = (await this.#node.get('/healthz')).status === 200
    return {
      ...{ ...this.#run, ...this.#count, alive },
      ...{ perRoute: this.#perRoute, perStatus: this.#perStatus, faults: this.#faults },
      growth: (await this.#node.tell('memory')) - before,
    }
  }

  /** Accounts that requests are about, links that wait for their use, and names of roles. */
  async #makeWorld(): Promise<World> {
    const names = Array.from({ length: 12 }, (_, at) => `target${at}@example.com`)
    const userIds: string[] = []
    for (const email of names) {
      const made = await this.#node.tell('users', 'create', { email, password })
      userIds.push((made as { id: string }).id)
    }
    const waiting = Array.from({ length: 12 }, (_, at) => `waiting${at}@example.com`)
    for (const email of waiting) await this.#node.post('/auth/register', { email, password })
    const tokens = await Promise.all(waiting.map((email) => this.#cluster.tokens(email)))
    return {
      ...{ emails: [...names, ...waiting], userIds, password },
      ...{ sessionIds: [], tokens: tokens.flat() },
      roles: ['user', 'guest', 'manager', 'admin', 'super_admin'],
    }
  }

  /** Three people for each worker, so that one worker's logout is not another's 401. */
  async #makePeople(): Promise<Person[][]> {
    const people: Person[][] = []
    for (let worker = 0; worker < workers; worker += 1) {
      const own: Person[] = []
      for (const role of ['user', 'admin', 'super_admin']) {
        const email = `${role}${worker}@example.com`
        await this.#node.tell('users', 'create', { email, password, roles: [role] })
        own.push(new Person(this.#node, { email, password }))
      }
      people.push(own)
    }
    return people
  }

  async #work(shift: Shift): Promise<void> {
    const connection = new Connection(this.#node)
    try {
      for (let at = shift.from + shift.at; at < shift.to; at += workers) {
        await this.#one(at, shift, connection)
      }
    } finally {
      connection.close()
    }
  }

  async #one(at: number, shift: Shift, connection: Connection): Promise<void> {
    const chance = new Chance(this.#run.seed, at)
    const operation = shift.turns[at % shift.turns.length]
    if (!operation) throw new Error('there is no operation to call')
    const person = personFor(chance, operation, shift.people)
    const credentials = await person.credentials()
    const { refreshToken, sessionIds } = credentials
    const world = { ...shift.world, sessionIds, tokens: [...shift.world.tokens, refreshToken] }
    const wire = draftRequest(chance, operation, { credentials, world, ownOrigin })
    const answer = await connection.exchange(wire)
    this.#note(at, shift.judge, { wire, answer, person })
  }

  #note(at: number, judge: Judge, { answer, person, wire }: Outcome): void {
    const { change, operation } = wire.draft
    add(this.#perRoute, operation.name)
    if (answer === 'hang') {
      this.#count.hangs += 1
      this.#fault(at, wire, 'no answer')
    }
    if (answer === undefined && !wire.last) this.#count.unanswered += 1
    if (typeof answer !== 'object') return
    const { code, fault, passed } = judge.judge(wire.draft, answer)
    add(this.#perStatus, `${answer.status} ${code ?? change}`)
    if (passed) this.#count.passed += 1
    if (answer.status === 429) this.#count.limited += 1
    if (fault !== undefined) this.#fault(at, wire, fault)
    forgetEnded(person, wire.draft, answer.status)
  }

  #fault(at: number, { bytes, draft }: Wire, what: string): void {
    if (this.#faults.length >= 100) return
    const request = bytes.subarray(0, 1_500).toString('latin1')
    this.#faults.push(`#${at} ${draft.operation.name} (${draft.change}): ${what}\n${request}`)
  }
}

interface WorkSetting {
  readonly turns: readonly Operation[]
  readonly world: World
  readonly judge: Judge
}

interface Shift extends WorkSetting {
  readonly people: readonly Person[]
  /** Number of the worker. */
  readonly at: number
  readonly from: number
  readonly to: number
}

interface Outcome {
  readonly wire: Wire
  readonly answer: RawAnswer | 'hang' | undefined
  readonly person: Person
}

/** Who has ended sessions signs in again, so that the next request of hers gets past the guards. */
function forgetEnded(person: Person, { genuine, operation }: Draft, status: number): void {
  if (status >= 400) {
    if (status === 401 && genuine) person.forget(genuine)
  } else if (/logout|sign-out/.test(operation.path)) person.forget(genuine ?? 'all')
  else if (/sessions/.test(operation.path) && operation.method !== 'GET') person.forget('all')
}

/** Mostly somebody who may; now and then somebody who may not. */
function personFor(chance: Chance, { permission }: Operation, people: readonly Person[]): Person {
  const able = permission === undefined ? people : people.slice(1)
  return chance.pick(chance.percent(90) ? able : people)
}

/** A connection that is kept as long as both sides keep it. */
class Connection {
  readonly #node: TestNode
  readonly #port: number
  #client: RawClient | undefined

  constructor(node: TestNode) {
    this.#node = node
    this.#port = Number(new URL(node.base).port)
  }

  async exchange(wire: Wire): Promise<Outcome['answer']> {
    this.#client ??= await RawClient.open(this.#port)
    const client = this.#client
    client.send(wire.bytes)
    if (wire.last) client.socket.end()
    const answer = await this.#patiently(client.answer(wire.draft.method === 'HEAD'))
    const closing = typeof answer !== 'object' || answer.headers.connection === 'close'
    if (closing || wire.last || client.ended) this.close()
    return answer
  }

  close(): void {
    this.#client?.socket.resetAndDestroy()
    this.#client = undefined
  }

  /**
   * A hang is a request that stays without an answer for two seconds after the node has answered
   * another that came later; so a machine that stands still for a moment is none.
   */
  async #patiently(pending: Promise<RawAnswer | undefined>): Promise<Outcome['answer']> {
    const first = await within(hangMs, pending)
    if (first !== 'hang') return first
    await send(`${this.#node.base}/healthz`, {})
    return within(hangMs, pending)
  }
}

async function within<T>(ms: number, pending: Promise<T>): Promise<T | 'hang'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'hang'>((resolve) => {
    timer = setTimeout(() => resolve('hang'), ms)
  })
  return Promise.race([pending, late]).finally(() => clearTimeout(timer))
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
