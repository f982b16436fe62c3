import { randomUUID } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import type { Listening } from '../../../test/adapters/site.ts'
import { serve } from '../../../test/adapters/site.ts'
import { boundary, form, jpeg, type Part, pdf, png } from '../../../test/uploads/samples.ts'

const directory = join(tmpdir(), `holdfast-uploads-${randomUUID()}`)
const bench = openBench({ uploads: { directory } })
const type = `multipart/form-data; boundary=${boundary}`
let site: Listening
let entered = 0

beforeAll(async () => {
  site = await serve(bench.kit, (app, security) => {
    const two = { field: 'photos', types: ['png', 'jpg'], maxFiles: 2, maxBytes: '20kb' } as const
    app.post(
      '/photos',
      security.guard('read:orders'),
      security.upload({ ...two, textFields: ['note'] }),
      (request, response) => {
        entered += 1
        response.json({ files: request.uploads, body: request.body })
      },
    )
    app.post(
      '/answers/:status',
      security.open(),
      security.upload({ field: 'paper' }),
      (q, r, next) => {
        if (q.params.status === 'thrown') next(new Error('broken'))
        else r.status(Number(q.params.status)).end()
      },
    )
    app.post(
      '/papers',
      security.open(),
      security.upload({ field: 'paper' }),
      (request, response) => {
        response.json(request.uploads?.[0])
      },
    )
    app.get('/papers/:name', security.open(), async (request, response) => {
      const served = {
        fileName: String(request.params.name),
        mediaType: 'application/pdf',
        displayName: 'Plän "1".pdf',
      }
      if (!(await security.uploads.send(response, served))) response.sendStatus(404)
    })
  })
})
afterAll(async () => {
  await site.stop()
  await rm(directory, { recursive: true, force: true })
})

const send = (path: string, parts: readonly Part[], headers: Record<string, string> = {}) =>
  site.fetch(path, {
    ...{ method: 'POST', body: new Uint8Array(form(parts)) },
    headers: { 'content-type': type, ...bench.manager.bearer, ...headers },
  })
const photo = (data: Buffer, filename = 'a.png'): Part => ({ name: 'photos', filename, data })
const stored = async () => {
  const names = await readdir(directory).catch(() => [])
  const waiting = await readdir(join(directory, 'pending')).catch(() => [])
  return [
    ...names.filter((name) => name !== 'pending'),
    ...waiting.map((name) => `pending/${name}`),
  ]
}
const codeOf = ({ json, status }: { json: Record<string, unknown> | undefined; status: number }) =>
  `${status} ${json?.code ?? 'ok'}`

describe('upload', () => {
  it('lays out files and texts once all of it is accepted', async () => {
    const note = { name: 'note', data: 'Grüße, O’Brien <b>' }
    const { json, status } = await send('/photos', [photo(png()), photo(jpeg(), 'b.exe'), note])
    expect(status).toBe(200)
    expect(json?.body).toEqual({ note: note.data })
    expect(json?.files).toMatchObject([
      {
        type: 'png',
        displayName: 'a.png',
        field: 'photos',
        sha256: expect.stringMatching(/^\w{64}$/),
      },
      { type: 'jpg', displayName: 'b.exe.jpg', mediaType: 'image/jpeg' },
    ])
    expect(await stored()).toHaveLength(2)
  })

  it.each<readonly [string, readonly Part[], string]>([
    ['a file of another type', [photo(png()), photo(pdf())], '415 upload_type_refused'],
    ['an unsafe one', [photo(png()), photo(Buffer.concat([png(), pdf()]))], '400 upload_unsafe'],
    ['one too many', [photo(png()), photo(png()), photo(png())], '413 upload_too_many'],
    [
      'one too large',
      [photo(png()), photo(Buffer.concat([png(), Buffer.alloc(21_000)]))],
      '413 upload_too_large',
    ],
    [
      'another field of files',
      [{ name: 'x', filename: 'a.png', data: png() }],
      '400 multipart_invalid',
    ],
    ['an unknown text', [photo(png()), { name: 'role', data: 'admin' }], '400 multipart_invalid'],
    [
      'a text twice',
      [
        { name: 'note', data: 'a' },
        { name: 'note', data: 'b' },
      ],
      '400 multipart_invalid',
    ],
    ['a text that is none', [{ name: 'note', data: Buffer.from([0xff]) }], '400 multipart_invalid'],
    ['a text too long', [{ name: 'note', data: 'a'.repeat(10_001) }], '413 upload_too_large'],
  ])('refuses a form with %s, and keeps nothing of it', async (_what, parts, code) => {
    const [before, count] = [await stored(), entered]
    expect(codeOf(await send('/photos', parts))).toBe(code)
    expect([await stored(), entered]).toEqual([before, count])
  })

  it.each(['400', '422', '503', 'thrown'])(
    'keeps nothing where the handler answers %s',
    async (status) => {
      const before = await stored()
      await send(`/answers/${status}`, [{ name: 'paper', filename: 'a', data: pdf() }])
      for (let n = 0; n < 2_000 && (await stored()).length !== before.length; n += 1)
        await nextTurn()
      expect((await stored()).sort()).toEqual(before.sort())
    },
  )

  it.each(['200', '204', '303'])('keeps its files where it answers %s', async (status) => {
    const before = await stored()
    await send(`/answers/${status}`, [{ name: 'paper', filename: 'a', data: pdf() }])
    expect(await stored()).toHaveLength(before.length + 1)
  })

  it('refuses eight bytes that begin as a document, as any damaged one', async () => {
    for (const data of ['PK\x03\x04abcd', 'PK\x03\x04aaaabbbbcccc']) {
      const answer = await send('/papers', [{ name: 'paper', filename: 'a', data }])
      expect(codeOf(answer)).toBe('400 upload_unsafe')
    }
  })

  it('refuses other bodies, and encoded ones', async () => {
    const other = { 'content-type': 'image/png' }
    const [one, two] = [
      send('/photos', [photo(png())], other),
      send('/photos', [photo(png())], { 'content-encoding': 'gzip' }),
    ]
    expect(codeOf(await one)).toBe('415 unsupported_media_type')
    expect(codeOf(await two)).toBe('415 unsupported_media_type')
  })

  it('reads nothing of who may not', async () => {
    const before = await stored()
    expect(codeOf(await send('/photos', [photo(png())], { authorization: 'Bearer x' }))).toMatch(
      /^401/,
    )
    expect(codeOf(await send('/photos', [photo(png())], bench.user.bearer))).toBe('403 forbidden')
    expect(await stored()).toEqual(before)
  })

  it('takes many at once, each under a name of its own', async () => {
    const before = await stored()
    const all = await Promise.all(Array.from({ length: 20 }, () => send('/photos', [photo(png())])))
    expect(all.every(({ status }) => status === 200)).toBe(true)
    expect(await stored()).toHaveLength(before.length + 20)
  })

  it('leaves nothing of a sender who goes in the middle', async () => {
    const before = await stored()
    const body = form([photo(png()), photo(png())])
    for (const cut of [body.byteLength - 5, body.byteLength - 60, 250, 60]) {
      const sent = httpRequest({
        ...{ port: site.port, path: '/photos', method: 'POST' },
        headers: {
          'content-type': type,
          'content-length': body.byteLength,
          ...bench.manager.bearer,
        },
      })
      const closed = new Promise((resolve) => sent.on('close', resolve).on('error', () => {}))
      sent.write(body.subarray(0, cut), () => setImmediate(() => sent.destroy()))
      await closed
    }
    let left = await stored()
    while (left.length !== before.length) {
      await new Promise((resolve) => setImmediate(resolve))
      left = await stored()
    }
    expect(left.sort()).toEqual(before.sort())
  })

  it('holds no more memory for a stream of 200 MB that it refuses', async () => {
    const chunk = Buffer.alloc(1_048_576, 1)
    const head = form([photo(png())]).subarray(0, 300)
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    const sent = httpRequest({
      ...{ port: site.port, path: '/photos', method: 'POST' },
      headers: { 'content-type': type, 'transfer-encoding': 'chunked', ...bench.manager.bearer },
    })
    const answered = new Promise<number>((resolve) => {
      sent
        .on('response', (response) => resolve(response.resume().statusCode ?? 0))
        .on('error', () => {})
    })
    sent.write(head)
    for (let n = 0; n < 200 && !sent.destroyed; n += 1) {
      if (!sent.write(chunk))
        await Promise.race([
          new Promise((resolve) => sent.once('drain', resolve)),
          new Promise((resolve) => sent.once('close', resolve)),
        ])
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }
    sent.end()
    expect(await answered).toBe(413)
    expect(most).toBeLessThan(60 * 1_048_576)
  })

  it('refuses by the announced length without reading', async () => {
    const answer = await site.raw(
      `POST /papers HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 999999999\r\n\r\n`,
    )
    expect(answer?.status).toBe(413)
  })

  it('takes what the options say where the route does not, and gives it out as an attachment', async () => {
    const { json } = await send('/papers', [{ name: 'paper', filename: 'x', data: pdf() }])
    const { headers, status, text } = await site.fetch(`/papers/${json?.fileName}`)
    expect([status, text]).toEqual([200, pdf().toString('latin1')])
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="Pl_n _1_.pdf"; filename*=UTF-8''Pl%C3%A4n%20%221%22.pdf`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-store',
    })
  })

  it('gives out nothing but what it has kept', async () => {
    for (const name of [
      '..%2f..%2fpackage.json',
      'pending',
      '%2fetc%2fpasswd',
      `${randomUUID()}.pdf`,
    ]) {
      const { status } = await site.fetch(`/papers/${name}`)
      expect(status, name).toBe(name.includes('%2f') ? 400 : 404)
    }
  })

  it.each([
    { field: 'a b' },
    { field: 'a', types: [] },
    { field: 'a', types: ['svg'] },
    { field: 'a', maxBytes: 'much' },
    { field: 'a', maxFiles: 0 },
    { field: 'a', max: 1 },
  ])('options that cannot be throw where the route is written: %o', (wrong) => {
    expect(() => bench.kit.security.upload(wrong as never)).toThrow(/upload\(/)
  })
})
