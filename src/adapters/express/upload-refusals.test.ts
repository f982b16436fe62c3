import { randomUUID } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import { type Listening, serve } from '../../../test/adapters/site.ts'
import { boundary, form, type Part, pdf, png } from '../../../test/uploads/samples.ts'
import { redact } from '../../ports/index.ts'

const directory = join(tmpdir(), `holdfast-upload-refusals-${randomUUID()}`)
const bench = openBench({ uploads: { directory } })
let site: Listening
let entered = 0
beforeEach(() => {
  entered = 0
})
beforeAll(async () => {
  site = await serve(bench.kit, (app, security) => {
    const photo = {
      field: 'photo',
      types: ['png'],
      maxBytes: '20kb',
      textFields: ['note'],
    } as const
    app.post('/tasks/:id/photo', security.open(), security.upload(photo), (request, response) => {
      entered += 1
      response.json({ files: request.uploads, body: request.body })
    })
    const perhaps = security.upload({ ...photo, maxFiles: 2, required: false })
    app.post('/perhaps', security.open(), perhaps, (request, response) => {
      response.json({ files: request.uploads, body: request.body })
    })
  })
})
afterAll(async () => {
  await site.stop()
  await rm(directory, { recursive: true, force: true })
})

const send = (parts: readonly Part[], path = '/tasks/7/photo') =>
  site.fetch(path, {
    ...{ method: 'POST', body: new Uint8Array(form(parts)) },
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  })
const note = { name: 'note', data: 'wall' }
const photo = (data: Buffer | string = png(), filename = 'a.png'): Part => ({
  ...{ name: 'photo', filename, data },
})
/** What a browser sends for a field in which nobody chose a file. */
const unchosen = photo('', '')
const stored = async () => {
  const names = await readdir(directory, { recursive: true }).catch(() => [])
  return names.filter((name) => name !== 'pending').sort()
}

describe('a form without its file', () => {
  it.each<readonly [string, readonly Part[]]>([
    ['texts alone', [note]],
    ['a field in which none was chosen', [unchosen, note]],
    ['no field at all', []],
  ])('is refused, and no handler hears of it: %s', async (_what, parts) => {
    const before = await stored()
    const { json, status } = await send(parts)
    expect([status, json?.code]).toEqual([400, 'upload_missing'])
    expect(json?.errors).toMatchObject([{ pointer: '#/body/photo', code: 'upload_missing' }])
    expect([entered, await stored()]).toEqual([0, before])
  })

  it('is taken where the route says so, and an empty field is no file', async () => {
    for (const parts of [[note], [unchosen, note]]) {
      const { json, status } = await send(parts, '/perhaps')
      expect([status, json]).toEqual([200, { files: [], body: { note: 'wall' } }])
    }
    const one = await send([unchosen, photo()], '/perhaps')
    expect(one.json?.files).toHaveLength(1)
  })

  it('is no way to have files made without end', async () => {
    const { json } = await send([unchosen, unchosen, unchosen], '/perhaps')
    expect(json?.code).toBe('upload_too_many')
  })

  it('holds no file of no bytes either, where it has a name', async () => {
    expect((await send([photo('', 'a.png')], '/perhaps')).json?.code).toBe('upload_type_refused')
  })
})

type Refused = readonly [what: string, parts: readonly Part[], pointer: string, code: string]
const refused: readonly Refused[] = [
  ['an unknown text', [photo(), { name: 'role', data: 'x' }], '#/body/role', 'unknown_field'],
  ['an unknown file', [{ ...photo(), name: 'a/b' }], '#/body/a~1b', 'unknown_field'],
  ['a text twice', [note, note], '#/body/note', 'duplicate_key'],
  ['a file as text', [{ name: 'photo', data: 'x' }], '#/body/photo', 'not_a_file'],
  ['a text as a file', [{ ...photo(), name: 'note' }], '#/body/note', 'not_a_text'],
  ['NUL', [{ name: 'note', data: 'a\0b' }], '#/body/note', 'forbidden_character'],
  ['another type', [photo(pdf())], '#/body/photo', 'upload_type_refused'],
  ['one too many', [photo(), photo()], '#/body/photo', 'upload_too_many'],
  ['too large', [photo(Buffer.alloc(21_000, 1))], '#/body/photo', 'upload_too_large'],
  ['a long text', [{ ...note, data: 'a'.repeat(10_001) }], '#/body/note', 'upload_too_large'],
  ['unsafe', [photo(Buffer.concat([png(), pdf()]))], '#/body/photo', 'upload_unsafe'],
]

describe('a refused form', () => {
  it.each(refused)('names its field: %s', async (_what, parts, pointer, code) => {
    const { json } = await send(parts)
    expect(json?.errors).toMatchObject([{ pointer, code }])
  })

  it('is in the log with its request, route, field and reason, and with nothing that was sent', async () => {
    const answer = await send([photo(Buffer.concat([png(), pdf()]), 'hunter2.png')])
    const line = bench.kit.log.find(({ message }) => message === 'an upload was refused')
    expect(line?.fields).toEqual({
      ...{ requestId: answer.json?.requestId, route: 'POST /tasks/:id/photo', field: 'photo' },
      ...{ refusal: 'upload_unsafe', fault: 'upload_unsafe', reason: 'png: chunks' },
    })
    expect(redact(line?.fields)).toEqual(line?.fields)
    expect(JSON.stringify([answer.json, bench.kit.log])).not.toContain('hunter2')
    expect(JSON.stringify(answer.json)).not.toContain('chunks')
  })

  it('that is no form says what is taken', async () => {
    const headers = { 'content-type': 'application/json' }
    const body = { method: 'POST', body: '{}', headers }
    const answer = await site.fetch('/tasks/7/photo', body)
    expect(answer).toMatchObject({ status: 415, json: { accepts: ['multipart/form-data'] } })
  })

  it('writes no name into the log that a stranger made up', async () => {
    await send([{ name: 'hunter2 level error', data: 'x' }])
    const line = bench.kit.log.find(({ message }) => message === 'an upload was refused')
    expect(line?.fields).toMatchObject({ fault: 'unknown_field', field: '(unusual name)' })
    expect(JSON.stringify(bench.kit.log)).not.toContain('hunter2')
  })

  it('needs an option that is true or false', () => {
    const wrong = { field: 'a', required: 'no' } as never
    expect(() => bench.kit.security.upload(wrong)).toThrow(/upload\(\{ required \}\)/)
  })
})
