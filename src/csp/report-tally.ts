import { hashToken } from '../crypto/index.ts'
import type { Database, Trx } from '../database/index.ts'
import { type Counted, Tally } from '../events/index.ts'
import type { Clock } from '../ports/index.ts'
import { otherPlace } from './place.ts'
import type { Violation } from './read-reports.ts'
import { sendersTogether } from './sender.ts'
import {
  addToReports,
  type CspAddition,
  type CspFact,
  countReportRows,
  insertReports,
} from './store.ts'

export const dayMs = 86_400_000

/** Rows of one day and directive, of all nodes together; what is new beyond them is added up. */
const mostRowsADay = 250
/** Pairs of a client and what it reported that are told apart on one day. */
const mostPairs = 10_000
/** Stands for the page where there are too many of them. */
const otherRoutes = '(other routes)'

/** A violation whose page is told by its route. */
export type RoutedViolation = Omit<Violation, 'path'> & { readonly route: string }

export interface TallyParts {
  readonly clock: Clock
  /** Asked, and counts, when a client reports what it has not reported before. */
  readonly mayAdd: (client: string) => boolean
  /** A client as a number that is the same on every node, for one day. */
  readonly senderOf: (client: string, day: number) => number
}

/**
 * Adds up reports in memory, so that a flood costs the database a row a thing and flush, not one a
 * request. Anybody can send reports, so all that is held and stored has a bound.
 */
export class ReportTally {
  readonly #clock: Clock
  readonly #reports: Tally<CspFact>
  readonly #clients: Tally<CspFact>
  readonly #mayAdd: TallyParts['mayAdd']
  readonly #senderOf: TallyParts['senderOf']
  #seen = new Set<string>()
  #senders = new Map<string, number>()
  #seenOn = 0
  #flushing: Promise<void> | undefined

  constructor({ clock, mayAdd, senderOf }: TallyParts) {
    this.#clock = clock
    this.#reports = new Tally(clock)
    this.#clients = new Tally(clock)
    this.#mayAdd = mayAdd
    this.#senderOf = senderOf
  }

  /**
   * Counts one violation that `client` reported; by its directive alone once the client has named too many,
   * so that nobody fills by themselves what is kept of a day.
   */
  note(violation: RoutedViolation, client: string): void {
    const now = this.#clock.now()
    const day = now - (now % dayMs)
    const fact = factOf(day, violation)
    const entry = { key: fact.id, about: fact }
    const rest = restOf(fact)
    const shared = { key: rest.id, about: rest }
    const pair = `${fact.id} ${client}`
    const isKnown = this.#isKnown(pair, day)
    const isCounted = isKnown || this.#mayAdd(client)
    this.#reports.note(isCounted ? entry : shared, shared)
    if (isKnown || !isCounted || this.#seen.size >= mostPairs) return
    this.#seen.add(pair)
    const sender = this.#senderOf(client, day)
    this.#senders.set(fact.id, sendersTogether(this.#senders.get(fact.id), sender))
    this.#clients.note(entry, shared)
  }

  /** Writes what has gathered; what fails is kept. Whoever asks meanwhile waits for the one under way. */
  flush(database: Database): Promise<void> {
    this.#flushing ??= this.#flush(database).finally(() => {
      this.#flushing = undefined
    })
    return this.#flushing
  }

  async #flush(database: Database): Promise<void> {
    if (this.#reports.size === 0 && this.#clients.size === 0) return
    const room = new DailyRoom()
    await this.#reports.flush(database, (trx, counted) =>
      write(trx, room, counted, this.#addition({ reports: counted.count, clients: 0 }, counted)),
    )
    await this.#clients.flush(database, (trx, counted) =>
      write(trx, room, counted, {
        ...this.#addition({ reports: 0, clients: counted.count }, counted),
        sender: this.#senders.get(counted.about.id),
      }),
    )
  }

  #addition(
    counts: Pick<CspAddition, 'reports' | 'clients'>,
    { since }: Counted<CspFact>,
  ): CspAddition {
    return { ...counts, firstAt: since, lastAt: this.#clock.now() }
  }

  #isKnown(pair: string, day: number): boolean {
    if (day !== this.#seenOn) {
      this.#seen = new Set()
      this.#senders = new Map()
      this.#seenOn = day
    }
    return this.#seen.has(pair)
  }
}

/** How many rows of a day may still be made; each directive has room of its own. */
class DailyRoom {
  readonly #left = new Map<string, number>()

  /** Takes one row; false when there is none left. */
  async take(trx: Trx, { day, directive }: CspFact): Promise<boolean> {
    const key = `${day} ${directive}`
    const left = this.#left.get(key) ?? mostRowsADay - (await countReportRows(trx, day, directive))
    this.#left.set(key, left - 1)
    return left > 0
  }
}

async function write(
  trx: Trx,
  room: DailyRoom,
  { about }: Counted<CspFact>,
  more: CspAddition,
): Promise<void> {
  if (await addToReports(trx, about.id, more)) return
  const fact = (await room.take(trx, about)) ? about : restOf(about)
  await insertReports(trx, fact, more)
}

function factOf(day: number, violation: RoutedViolation): CspFact {
  const { blocked, directive, disposition, source } = violation
  const route = violation.route.slice(0, 200)
  const id = hashToken(JSON.stringify([day, disposition, directive, blocked, source, route]))
  return { id, day, disposition, directive, blocked, source, route }
}

/** What a fact counts under when there are too many. */
function restOf({ day, directive, disposition }: CspFact): CspFact {
  const rest = { disposition: disposition === 'report' ? 'report' : 'enforce', directive } as const
  return factOf(day, { ...rest, blocked: otherPlace, source: '', route: otherRoutes })
}
