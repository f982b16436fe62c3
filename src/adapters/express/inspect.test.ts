import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kit, listen, openKit } from '../../../test/adapters/site.ts'

type Site = Awaited<ReturnType<typeof listen>>
const union = "' union select password from users--"

/** What multer, express-fileupload and formidable leave in a request. */
const filesOf = (name: string): Readonly<Record<string, object>> => ({
  single: { body: {}, file: { fieldname: 'a', originalname: name, mimetype: 'text/plain' } },
  list: { body: {}, files: [{ fieldname: 'a', originalname: name }] },
  fields: { body: {}, files: { a: [{ originalname: name }] } },
  upload: { body: {}, files: { a: { name, data: Buffer.from('x') } } },
  other: { body: {}, files: { a: [{ originalFilename: name }] } },
})

/** The name of the file that the next request is parsed to hold. */
const sent = { file: '' }

async function open(mode: 'block' | 'monitor' | 'off') {
  const kit = await openKit({ detection: { mode } })
  const { security } = kit
  const app = security.protect(express())
  const fine: express.RequestHandler = (_request, response) => void response.json({})
  const text = express.text({ type: ['text/plain', '*/xml'] })
  app.post('/text', security.open(), text, security.inspect(), fine)
  app.post('/unread', security.open(), security.inspect(), fine)
  const parsed: express.RequestHandler = (request, _response, next) => {
    Object.assign(request, filesOf(sent.file)[String(request.params.kind)])
    next()
  }
  app.post('/files/:kind', security.open(), parsed, security.inspect(), fine)
  return { kit, site: await listen(app) }
}

const post = (site: Site, path: string, { body, type }: { type: string; body: string }) =>
  site.fetch(path, { method: 'POST', headers: { 'content-type': type }, body })

describe('inspect() in mode block', () => {
  let kit: Kit
  let site: Site
  beforeAll(async () => {
    const opened = await open('block')
    kit = opened.kit
    site = opened.site
  })
  afterAll(async () => {
    await site.stop()
    await kit.close()
  })

  it.each([
    ['text/plain', '<script>alert(1)</script>'],
    ['text/plain', `1${union}`],
    ['text/plain', '<img src=x onerror=alert(1)>'],
    ['text/xml', '<a><![CDATA[<script>alert(1)</script>]]></a>'],
    ['text/xml', '<svg onload=alert(1)>'],
    ['text/xml', `<a b='1' c="x${union}"/>`],
  ])('refuses an attack in %s: %s', async (type, body) => {
    expect((await post(site, '/text', { type, body })).json?.code).toBe('request_suspicious')
  })

  it('refuses a body that no parser has read, and says so once in the log', async () => {
    for (const path of ['/unread', '/unread']) {
      const answer = await post(site, path, { type: 'text/plain', body: union })
      expect([answer.status, answer.json?.code]).toEqual([503, 'unavailable'])
    }
    const other = await post(site, '/text', { type: 'text/csv', body: union })
    expect(other.status).toBe(503)
    const lines = kit.log.filter(({ message }) => message.startsWith('inspect on POST /unread'))
    expect(lines).toHaveLength(1)
    expect((await site.fetch('/unread', { method: 'POST' })).status).toBe(200)
  })

  it.each(['single', 'list', 'fields', 'upload', 'other'])(
    'reads the names of files, as a parser leaves them: %s',
    async (kind) => {
      const send = (file: string) => {
        sent.file = file
        return post(site, `/files/${kind}`, { type: 'multipart/form-data; boundary=a', body: 'a' })
      }
      expect((await send('../../../etc/passwd')).json?.code).toBe('request_suspicious')
      expect((await send('<img src=x onerror=alert(1)>.png')).status).toBe(403)
      for (const name of ['backup.zip', 'Makefile', "O'Brien (1).pdf", 'Q1 & Q2.xlsx']) {
        expect([name, (await send(name)).status]).toEqual([name, 200])
      }
    },
  )

  it('a name of a field that a stranger made up stands in no log and no record', async () => {
    kit.log.length = 0
    const query = `Johnathan-Smythe41=${encodeURIComponent(union)}&q=1`
    expect((await site.fetch(`/text?${query}`)).status).toBe(403)
    const { audit } = kit.security.parts.ground
    await kit.security.parts.rooms.detector.flush()
    const items = await audit.find({ action: 'detection.blocked', limit: 50 })
    expect(JSON.stringify(items)).toContain('query.:name')
    const line = kit.log.find(({ message }) => message === 'a request looks like an attack')
    expect(JSON.stringify(line?.fields.findings)).toContain('query.:name')
    expect(JSON.stringify([items, kit.log])).not.toContain('Smythe')
  })
})

it.each(['monitor', 'off'] as const)('inspect() lets pass in mode %s', async (mode) => {
  const { kit, site } = await open(mode)
  expect((await post(site, '/unread', { type: 'text/plain', body: union })).status).toBe(200)
  const told = kit.log.some(({ message }) => message.startsWith('inspect on POST /unread'))
  expect(told).toBe(mode === 'monitor')
  await site.stop()
  await kit.close()
})
