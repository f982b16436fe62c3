import { randomUUID } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RequestHandler, Response } from 'express'
import { afterAll, expect, it, vi } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import { boundary, form, pdf } from '../../../test/uploads/samples.ts'

const directory = join(tmpdir(), `holdfast-upload-answered-${randomUUID()}`)
const bench = openBench({ uploads: { directory } })
afterAll(() => rm(directory, { recursive: true, force: true }))

const stored = async () => {
  const names = await readdir(directory, { recursive: true }).catch(() => [])
  return names.filter((name) => name !== 'pending')
}

/** Sends a file to a route where something else does `answer` when the file has been received. */
async function answerMeanwhile(answer: (response: Response) => void) {
  const { security } = bench.kit
  let waiting: Response | undefined
  let received = 0
  let entered = 0
  const timeOut: RequestHandler = (_request, response, next) => {
    waiting = response
    next()
  }
  const receive = security.uploads.receive.bind(security.uploads)
  const spy = vi.spyOn(security.uploads, 'receive').mockImplementation(async (...asked) => {
    const found = await receive(...asked)
    received = (await stored()).length
    if (waiting) answer(waiting)
    return found
  })
  const site = await bench.protectedSite((app) => {
    const upload = security.upload({ field: 'paper' })
    app.post('/paper', security.open(), timeOut, upload, (_request, response) => {
      entered += 1
      response.end()
    })
  })
  const paper = { name: 'paper', filename: 'a.pdf', data: pdf() }
  const { status } = await site.fetch('/paper', {
    ...{ method: 'POST', body: new Uint8Array(form([paper])) },
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  })
  spy.mockRestore()
  return { entered, received, status }
}

it.each([503, 200])(
  'files that come in when the answer %s is out are removed, and no handler hears of them',
  async (status) => {
    const seen = await answerMeanwhile((response) => void response.status(status).end())
    expect(seen).toEqual({ entered: 0, received: 1, status })
    await expect.poll(stored).toEqual([])
  },
)

it('files that come in when an answer has only begun are for the handler, whose status decides', async () => {
  const seen = await answerMeanwhile((response) => void response.status(200).write('.'))
  expect(seen).toEqual({ entered: 1, received: 1, status: 200 })
  expect(await stored()).toHaveLength(1)
})
