import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { silentLogger, systemRandom } from '../../src/ports/index.ts'
import { type UploadedFile, type UploadRules, Uploads } from '../../src/uploads/index.ts'
import { ManualClock } from '../manual-clock.ts'
import { boundary, form } from './samples.ts'

const rules: UploadRules = {
  ...{ field: 'file', types: ['pdf', 'png', 'jpg', 'doc', 'docx'], maxFiles: 1, textFields: [] },
  ...{ maxBytes: 10_000_000, maxPixels: 50_000_000, maxUnpackedBytes: 30_000_000 },
}

/** A request whose body is what this stream gives. */
export function requestOf(stream: Readable): IncomingMessage {
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  return Object.assign(stream, { headers }) as unknown as IncomingMessage
}

/** Receives files into `directory`, with a clock that stands still and what was said of refused ones. */
export function openReceiver(directory: string) {
  const [clock, reasons] = [new ManualClock(), [] as unknown[]]
  const info = (_text: string, fields?: Readonly<Record<string, unknown>>) =>
    void reasons.push(fields?.reason)
  const uploads = new Uploads({
    ...{ directory, clock, random: systemRandom, logger: { ...silentLogger, info } },
    ...{ idleMs: 10_000, timeoutMs: 60_000 },
  })
  const receive = async (
    data: Buffer,
    own: Partial<UploadRules> = {},
  ): Promise<UploadedFile | undefined> => {
    const request = requestOf(Readable.from([form([{ name: 'file', filename: 'a', data }])]))
    return (await uploads.receive(request, { ...rules, ...own })).files[0]
  }
  return { clock, reasons, receive, rules, uploads }
}
