import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReceiver } from '../../test/uploads/receiver.ts'
import { docx, jpeg, noise, png } from '../../test/uploads/samples.ts'

let directory = ''
let receiver: ReturnType<typeof openReceiver>
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-trailers-'))
  receiver = openReceiver(directory)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const page = Buffer.from('<!doctype html><script>alert(1)</script>')

/** What phones of Samsung append: blocks, a directory of them, its length and `SEFT`. */
function samsung(data: Buffer): Buffer {
  const name = Buffer.from('MotionPhoto_Data')
  const block = Buffer.alloc(8)
  block.writeUInt16LE(0x0a30, 2)
  block.writeUInt32LE(name.byteLength, 4)
  const blocks = Buffer.concat([block, name, data])
  const list = Buffer.alloc(24)
  list.write('SEFH')
  list.writeUInt32LE(101, 4)
  list.writeUInt32LE(1, 8)
  list.writeUInt16LE(0x0a30, 14)
  list.writeUInt32LE(blocks.byteLength, 16)
  list.writeUInt32LE(blocks.byteLength, 20)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(list.byteLength)
  return Buffer.concat([blocks, list, length, Buffer.from('SEFT')])
}

const film = (data: Buffer) =>
  Buffer.concat([Buffer.from([0, 0, 0, 0x18]), Buffer.from('ftypmp42\0\0\0\0mp42isom'), data])

const trailers: readonly (readonly [string, Buffer])[] = [
  ["Samsung's notes", samsung(Buffer.from('1700000000000'))],
  ["Samsung's notes of 300 kB", samsung(noise(300_000, 1))],
  ["Samsung's notes with a page", samsung(page)],
  ["Samsung's notes with an archive", samsung(docx())],
  ["Samsung's notes with a broken image", samsung(Buffer.concat([jpeg().subarray(0, 90), page]))],
  ['older notes of Samsung', Buffer.concat([noise(99, 2), Buffer.from('QDIOBS')])],
  ['a film', film(noise(200_000, 3))],
  ['a film with a page and an archive', film(Buffer.concat([page, docx()]))],
  ['a stray byte', Buffer.from([0x14])],
]

describe('what a camera appends to a photo', () => {
  it.each(
    trailers.flatMap(([what, trailer]) => [
      [what, 'a JPEG', jpeg(), trailer] as const,
      [what, 'one with a preview', Buffer.concat([jpeg(9, 9), jpeg()]), trailer] as const,
      [what, 'a PNG', png(), trailer] as const,
    ]),
  )('is taken and not kept: %s behind %s', async (_what, _photo, photo, trailer) => {
    const file = await receiver.receive(Buffer.concat([photo, trailer]))
    expect(file).toMatchObject({
      size: photo.byteLength,
      sha256: createHash('sha256').update(photo).digest('hex'),
    })
    expect(await readFile(join(directory, file?.fileName ?? ''))).toEqual(photo)
    expect(file).not.toHaveProperty('keep')
  })

  it.each<readonly [string, Buffer]>([
    ['a page', page],
    ['an archive', docx()],
    ['a film that does not begin at once', Buffer.concat([noise(30, 4), film(page)])],
    ['notes that something stands behind', Buffer.concat([samsung(page), page])],
    ['22 bytes', Buffer.alloc(22, 1)],
  ])('is no other thing: %s behind a photo is refused', async (_what, behind) => {
    for (const photo of [jpeg(), png()]) {
      const sent = receiver.receive(Buffer.concat([photo, behind]))
      await expect(sent).rejects.toMatchObject({ code: 'upload_unsafe' })
    }
  })

  it('excuses nothing in the photo itself', async () => {
    const broken = Buffer.concat([jpeg().subarray(0, 90), samsung(page)])
    const large = Buffer.concat([jpeg(30_000, 30_000), samsung(page)])
    for (const bytes of [broken, large]) {
      await expect(receiver.receive(bytes)).rejects.toMatchObject({ code: 'upload_unsafe' })
    }
  })
})
