import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { queryObjects } from 'node:v8'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReceiver, requestOf } from '../../test/uploads/receiver.ts'
import {
  boundary,
  docx,
  jpeg,
  jpegFrame,
  jpegOf,
  jpegScan,
  noise,
} from '../../test/uploads/samples.ts'
import { StagedFile } from './staged-file.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-deadline-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const pending = () => readdir(join(directory, 'pending'))
const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n`
const timedOut = { code: 'body_timeout' }

/** A form that has begun and whose sender says no more by itself. */
function slowForm() {
  const receiver = openReceiver(directory)
  const stream = new Readable({ read() {} })
  stream.push(Buffer.concat([Buffer.from(head), jpeg()]))
  const outcome = receiver.uploads.receive(requestOf(stream), receiver.rules)
  return { ...receiver, stream, outcome }
}

/** Runs `work` with a method of files being received that behaves otherwise; gives what nobody caught meanwhile. */
async function withFile<Name extends 'read' | 'write'>(
  name: Name,
  method: (own: StagedFile[Name]) => StagedFile[Name],
  work: () => Promise<void>,
): Promise<readonly unknown[]> {
  const own = StagedFile.prototype[name]
  const uncaught: unknown[] = []
  const note = (error: unknown) => void uncaught.push(error)
  process.on('unhandledRejection', note)
  StagedFile.prototype[name] = method(own)
  try {
    await work()
    await setImmediate()
    await setImmediate()
  } finally {
    StagedFile.prototype[name] = own
    process.off('unhandledRejection', note)
  }
  return uncaught
}

const promises = () => queryObjects(Promise, { format: 'count' })

describe('a slow form', () => {
  it('holds nothing for each piece that has come', async () => {
    const { outcome, stream } = slowForm()
    await setImmediate()
    const before = promises()
    for (let n = 0; n < 5_000; n += 1) {
      stream.push(Buffer.from('a'))
      await setImmediate()
    }
    expect(promises() - before).toBeLessThan(500)
    stream.destroy()
    await expect(outcome).rejects.toMatchObject({ code: 'body_incomplete' })
  })

  it('ends once its sender is silent for too long', async () => {
    const { clock, outcome } = slowForm()
    const refused = expect(outcome).rejects.toMatchObject(timedOut)
    while (clock.pending < 2) await setImmediate()
    await clock.advance(10_000)
    await refused
    expect([await pending(), clock.pending]).toEqual([[], 0])
  })

  it('ends with its time, however steadily it comes', async () => {
    const { clock, outcome, stream } = slowForm()
    const refused = expect(outcome).rejects.toMatchObject(timedOut)
    for (let n = 0; n < 7; n += 1) {
      while (clock.pending < 2 || stream.readableLength > 0) await setImmediate()
      stream.push(Buffer.from('a'))
      await clock.advance(9_000)
    }
    await refused
    expect([await pending(), clock.pending]).toEqual([[], 0])
  })

  it('is not looked through any longer than that', async () => {
    const { clock, receive, reasons } = openReceiver(directory)
    const photo = jpegOf(jpegFrame(1, 1), jpegScan(noise(300_000, 1)))
    let reads = 0
    const late = (own: StagedFile['read']) =>
      async function read(this: StagedFile, at: number, length: number) {
        reads += 1
        await clock.advance(60_000)
        return own.call(this, at, length)
      }
    await withFile('read', late, () => expect(receive(photo)).rejects.toMatchObject(timedOut))
    expect([await pending(), reasons, reads]).toEqual([[], [], 1])
  })

  it('whose time ends while a piece is written, and whose sender then goes, is refused and ends nothing else', async () => {
    const { clock, outcome, stream } = slowForm()
    const late = (own: StagedFile['write']) =>
      async function write(this: StagedFile, bytes: Uint8Array) {
        await clock.advance(60_000)
        return own.call(this, bytes)
      }
    const uncaught = await withFile('write', late, async () => {
      await expect(outcome).rejects.toMatchObject(timedOut)
      stream.destroy(new Error('aborted'))
    })
    expect([await pending(), uncaught]).toEqual([[], []])
  })

  it('whose time ends while a document is unpacked is refused and ends nothing else', async () => {
    const { clock, receive, reasons } = openReceiver(directory)
    const paper = docx([{ name: 'word/media/a.png', data: noise(300_000, 1) }])
    let pages = 0
    const late = (own: StagedFile['read']) =>
      async function read(this: StagedFile, at: number, length: number) {
        if (length === 65_536) pages += 1
        if (pages === 2) await clock.advance(60_000)
        return own.call(this, at, length)
      }
    const uncaught = await withFile('read', late, () =>
      expect(receive(paper)).rejects.toMatchObject(timedOut),
    )
    expect([await pending(), reasons, pages, uncaught]).toEqual([[], [], 2, []])
  })
})
