import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { queryObjects } from 'node:v8'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReceiver, requestOf } from '../../test/uploads/receiver.ts'
import { boundary, jpeg, jpegFrame, jpegOf, jpegScan, noise } from '../../test/uploads/samples.ts'
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
    const read = StagedFile.prototype.read
    let reads = 0
    StagedFile.prototype.read = async function late(this: StagedFile, at, length) {
      reads += 1
      await clock.advance(60_000)
      return read.call(this, at, length)
    }
    try {
      const photo = jpegOf(jpegFrame(1, 1), jpegScan(noise(300_000, 1)))
      await expect(receive(photo)).rejects.toMatchObject(timedOut)
    } finally {
      StagedFile.prototype.read = read
    }
    expect([await pending(), reasons, reads]).toEqual([[], [], 1])
  })
})
