import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { type BreachService, sha1, startBreachService } from '../../test/breach-service.ts'
import { ManualClock } from '../../test/manual-clock.ts'
import { silentLogger } from '../ports/index.ts'
import { longestRange } from './breach-range.ts'
import { HibpBreaches } from './breaches.ts'

const breached = 'my dog ate the neighbours hat'
const unknown = 'my dog ate the neighbours shoe'

let service: BreachService | undefined
afterEach(() => service?.stop())

/** A client of a service that knows `breached`, its log and its clock. */
async function open() {
  service = await startBreachService([breached])
  const clock = new ManualClock()
  const log: string[] = []
  const warn = (message: string, fields?: unknown) =>
    void log.push(`${message} ${inspect(fields, { depth: 9 })}`)
  const logger = { ...silentLogger, warn }
  const hibp = new HibpBreaches({ url: service.url, timeoutMs: 2_000, clock, logger })
  return { service, clock, log, hibp }
}

const answer = (status: number, body: string) => (response: ServerResponse) =>
  void response.writeHead(status).end(body)

describe('the breach service', () => {
  it('knows a password from a breach and does not know another', async () => {
    const { hibp, log } = await open()
    expect(await hibp.isBreached(breached)).toBe(true)
    expect(await hibp.isBreached(unknown)).toBe(false)
    expect(log).toEqual([])
  })

  it('is told five characters of a hash, asked for padding, and told nothing else', async () => {
    const { hibp, service } = await open()
    await hibp.isBreached(breached)
    const [seen] = service.seen
    expect(seen?.path).toBe(`/range/${sha1(breached).slice(0, 5)}`)
    expect(seen?.headers['add-padding']).toBe('true')
    const text = inspect(seen)
    for (const secret of [breached, sha1(breached).slice(5, 15)]) expect(text).not.toContain(secret)
    expect(seen?.headers.cookie ?? seen?.headers.referer).toBeUndefined()
  })

  it('breaks no password by its padding', async () => {
    const { hibp, service } = await open()
    service.trouble = answer(200, `${sha1(breached).slice(5)}:0\r\n${sha1(unknown).slice(5)}:3`)
    expect(await hibp.isBreached(breached)).toBe(false)
  })

  it('is asked once an hour about a range', async () => {
    const { clock, hibp, service } = await open()
    for (let count = 0; count < 3; count++) expect(await hibp.isBreached(breached)).toBe(true)
    expect(service.seen).toHaveLength(1)
    await clock.advance(3_600_000)
    expect(await hibp.isBreached(breached)).toBe(true)
    expect(service.seen).toHaveLength(2)
  })

  it.each<[string, (response: ServerResponse) => void, string]>([
    ['answers 429', answer(429, 'Rate limit is exceeded'), 'status 429'],
    ['answers 500', answer(500, '<h1>Oops</h1>'), 'status 500'],
    ['answers 503', answer(503, ''), 'status 503'],
    ['answers 400', answer(400, 'The hash prefix was not in a valid format'), 'status 400'],
    ['answers garbage', answer(200, '<!doctype html>'), 'not understood'],
    ['answers nothing', answer(200, ''), 'not understood'],
    ['answers without an end', (it) => endless(it), 'too long'],
    ['hangs up', (response) => void response.destroy(), 'connection'],
    ['hangs up in the middle', (it) => cut(it), 'connection'],
    ['sends us elsewhere', (it) => void it.writeHead(302, { location: '/' }).end(), 'connection'],
  ])('that %s refuses nobody, and the log says why but not what was asked', async (...row) => {
    const [, trouble, reason] = row
    const { hibp, log, service } = await open()
    service.trouble = trouble
    expect(await hibp.isBreached(breached)).toBe(false)
    expect(log).toHaveLength(1)
    expect(log[0]).toContain(`reason: '${reason}'`)
    expect(log[0]).toContain('the common-password filter decided')
    expect(log[0]).not.toContain(sha1(breached).slice(0, 5))
    service.trouble = undefined
    expect(await hibp.isBreached(breached)).toBe(true)
  })

  it('that is not there refuses nobody', async () => {
    const { hibp, log, service } = await open()
    await service.stop()
    expect(await hibp.isBreached(breached)).toBe(false)
    expect(log.join()).toContain("reason: 'connection'")
  })

  it.each([
    ['never answers', () => {}],
    ['stops in the middle', (response: ServerResponse) => void response.writeHead(200).write('0')],
  ])('that %s is given up after 2 seconds, counted once for everything', async (_, trouble) => {
    const { clock, hibp, log, service } = await open()
    service.trouble = trouble
    const arrival = service.arrival()
    const verdict = hibp.isBreached(breached)
    await arrival
    await clock.advance(1_999)
    expect(log).toEqual([])
    await clock.advance(1)
    expect(await verdict).toBe(false)
    expect(log.join()).toContain("reason: 'timeout'")
    expect(clock.pending).toBe(0)
  })

  it('is given up when we close', async () => {
    const { clock, hibp, service } = await open()
    service.trouble = () => {}
    const arrival = service.arrival()
    const verdict = hibp.isBreached(breached)
    await arrival
    hibp.close()
    expect(await verdict).toBe(false)
    expect(clock.pending).toBe(0)
  })
})

function endless(response: ServerResponse): void {
  const line = `${sha1('again').slice(5)}:1\r\n`
  response.writeHead(200).end(line.repeat(Math.ceil(longestRange / line.length) + 1))
}

function cut(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '1000' }).write(`${sha1('x').slice(5)}:1\r\n`, () => {
    response.destroy()
  })
}
