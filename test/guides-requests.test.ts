import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompactEncrypt, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SecurityOptions } from '../src/adapters/express/index.ts'
import { resolveConfig } from '../src/config/index.ts'
import { rules, type SignRequestOptions, signRequest } from '../src/index.ts'
import { uploadErrors } from '../src/uploads/index.ts'
import { openBench } from './adapters/bench.ts'
import { baseUrl, type Listening, serve } from './adapters/site.ts'
import { page, rows } from './guide-kit.ts'
import { boundary, form, jpeg, pdf, png } from './uploads/samples.ts'

const signing = page('docs/guides/signed-requests.md')
const uploading = page('docs/guides/uploads.md')
const blocks = (guide: string, language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, code = '']) => code,
  )

/** A block of code without its imports. */
const codeOf = (start: string) =>
  (blocks(signing, 'ts').find((code) => code.includes(start)) ?? '').replace(/^import .*\n/gm, '')

/** What the guide's code writes, by file. */
const files = new Map<string, { readonly text: string; readonly mode: number | undefined }>()
const writeFile = (name: string, text: string, { mode }: { mode?: number } = {}) =>
  void files.set(name, { text, mode })
new Function('generateKeyPairSync', 'writeFileSync', codeOf('generateKeyPairSync('))(
  generateKeyPairSync,
  writeFile,
)
const readFile = (name: string) => files.get(name)?.text
const { signatures } = new Function(
  ...['createSecurity', 'readFileSync'],
  `${codeOf('createSecurity(')}; return security`,
)((options: object) => options, readFile) as Pick<SecurityOptions, 'signatures'>

const folder = join(tmpdir(), `holdfast-guide-${randomUUID()}`)
const bench = openBench({
  ...(signatures ? { signatures } : {}),
  uploads: { directory: folder },
  access: {
    roles: {
      manager: {
        permissions: ['create:transfers', 'create:clients', 'update:tasks', 'read:tasks'],
      },
    },
  },
})
let site: Listening
/** Runs a route of a guide as it is written. */
type Build = (app: unknown, security: unknown, findPhoto: unknown, made: unknown) => void
const routes = [
  ...blocks(signing, 'ts').filter((code) => code.startsWith('app.')),
  ...blocks(uploading, 'ts').filter((code) => code.startsWith('app.')),
].map((code) => new Function('app', 'security', 'findPhoto', 'rules', code) as Build)
const photos = new Map<string, object>()

beforeAll(async () => {
  site = await serve(bench.kit, (app, security) => {
    for (const build of routes) build(app, security, (name: string) => photos.get(name), rules)
    app.post(
      '/stock',
      security.open(),
      security.signed({ by: ['warehouse'] }),
      (request, response) => {
        response.json({ by: request.signature?.keyId })
      },
    )
  })
})
afterAll(async () => {
  await site.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('signed-requests.md', () => {
  const browser = blocks(signing, 'js')[0] ?? ''
  type Api = (path: string, init: RequestInit) => Promise<unknown>
  interface Browser {
    registerKey(api: Api): Promise<object>
    signedHeaders(
      key: object,
      method: string,
      url: string,
      body: string,
    ): Promise<Record<string, string>>
  }
  const { registerKey, signedHeaders } = new Function(
    'Date',
    `${browser}; return { registerKey, signedHeaders }`,
  )({ now: () => bench.kit.clock.now() }) as Browser
  const headers = () => ({ 'content-type': 'application/json', ...bench.manager.bearer })
  const api: Api = async (path, init) =>
    (await site.fetch(path, { ...init, headers: headers() })).json

  it('its browser registers a key that cannot leave it, signs, and is taken once', async () => {
    const key = await registerKey(api)
    const body = JSON.stringify({ amount: 1 })
    const signed = await signedHeaders(key, 'POST', `${baseUrl}/transfers`, body)
    const send = (sent: string) =>
      site.fetch('/transfers', { method: 'POST', body: sent, headers: { ...headers(), ...signed } })
    expect((await send('{"amount":2}')).json?.code).toBe('signature_invalid')
    expect((await send(body)).json).toEqual({ by: (key as { keyId: string }).keyId })
    expect((await send(body)).json?.code).toBe('signature_replayed')
    expect(key).toMatchObject({ privateKey: { extractable: false } })
  })

  it('its program makes a pair, keeps the private half to itself, signs, and is taken', async () => {
    expect(files.get('warehouse.key')).toMatchObject({ mode: 0o600 })
    const send = new Function(
      ...['fetch', 'apiKey', 'readFileSync', 'signRequest', 'url'],
      `return (async () => { ${codeOf('await signRequest(')}; return answer })()`,
    ) as (...given: unknown[]) => Promise<{ readonly json: unknown }>
    const fetchSigned = async (request: Request) =>
      site.fetch('/stock', {
        ...{ method: request.method, body: await request.text() },
        headers: Object.fromEntries(request.headers),
      })
    const sign = (request: Request, options: SignRequestOptions) =>
      signRequest(request, { ...options, clock: bench.kit.clock })
    // Whatever passes the guard: the route of this test takes a session.
    const token = bench.manager.bearer.authorization.replace('Bearer ', '')
    const { json: answer } = await send(fetchSigned, token, readFile, sign, `${baseUrl}/stock`)
    expect(answer).toEqual({ by: 'warehouse' })
  })

  it('its fields open at their place by the clock of the server, and what is plain is refused', async () => {
    // The device is a day ahead; what came in the header stands for the clock that this server goes by.
    const device = {
      now: () => bench.kit.clock.now() + 86_400_000,
      parse: (date: string) => (Date.parse(date) > 0 ? bench.kit.clock.now() : Number.NaN),
    }
    const code = (blocks(signing, 'js')[1] ?? '').replace(/^import .*\n/, '')
    const encryptField = new Function(
      ...['CompactEncrypt', 'importJWK', 'Date'],
      `${code}; return encryptField`,
    )(CompactEncrypt, importJWK, device) as (
      origin: string,
      text: string,
      about: { readonly place: string; readonly userId: string },
    ) => Promise<string>
    const origin = `http://127.0.0.1:${site.port}`
    const taxId = await encryptField(origin, '12-345', {
      ...{ place: 'clients/taxId', userId: bench.manager.userId },
    })
    const post = (body: object) => api('/clients', { method: 'POST', body: JSON.stringify(body) })
    expect(await post({ taxId })).toEqual({ length: 6 })
    expect(await post({ taxId })).toMatchObject({ code: 'field_encryption_invalid' })
    expect(await post({ taxId: '12-345' })).toMatchObject({ code: 'field_encryption_invalid' })
    expect(await post({})).toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '#/body/taxId' }],
    })
    const wrong = await encryptField(origin, 'x', {
      ...{ place: 'clients/taxId', userId: bench.manager.userId },
    })
    expect(await post({ taxId: wrong })).toMatchObject({ errors: [{ pointer: '#/body/taxId' }] })
  })

  it('lists every code', () => {
    const codes = rows(signing, '| code | means').map(([, [code = ''] = []]) => code)
    expect(codes.sort()).toEqual([
      ...['signature_expired', 'signature_invalid', 'signature_replayed', 'signature_required'],
    ])
  })
})

describe('uploads.md', () => {
  const send = (data: Buffer, name = 'a.png') =>
    site.fetch('/tasks/7/photos', {
      method: 'POST',
      headers: {
        'content-type': `multipart/form-data; boundary=${boundary}`,
        ...bench.manager.bearer,
      },
      body: new Uint8Array(
        form([
          { name: 'photos', filename: name, data },
          { name: 'note', data: 'wall' },
        ]),
      ),
    })

  it('its routes receive a photo and give it out again', async () => {
    const { json, status } = await send(jpeg(), 'wall.exe')
    const [file] = (json?.files ?? []) as { fileName: string; displayName: string }[]
    expect([status, json?.note, file?.displayName]).toEqual([201, 'wall', 'wall.exe.jpg'])
    const path = `/photos/${file?.fileName}`
    expect((await site.fetch(path, { headers: bench.manager.bearer })).status).toBe(404)
    photos.set(file?.fileName ?? '', { ...file })
    const shown = await site.fetch(path, { headers: bench.manager.bearer })
    expect(shown.headers.get('content-disposition')).toContain(
      'attachment; filename="wall.exe.jpg"',
    )
    await bench.kit.security.uploads.remove(file?.fileName ?? '')
    expect((await site.fetch(path, { headers: bench.manager.bearer })).status).toBe(404)
  })

  it('says rightly what is refused, and how', async () => {
    expect((await send(pdf())).json?.code).toBe('upload_type_refused')
    expect((await send(Buffer.concat([png(), pdf()]))).json?.code).toBe('upload_unsafe')
    expect(await readdir(join(folder, 'pending'))).toEqual([])
  })

  it('says rightly what becomes of a form without its file, and names the field of a refusal', async () => {
    const post = (parts: Parameters<typeof form>[0]) =>
      site.fetch('/tasks/7/photos', {
        headers: {
          'content-type': `multipart/form-data; boundary=${boundary}`,
          ...bench.manager.bearer,
        },
        ...{ method: 'POST', body: new Uint8Array(form(parts)) },
      })
    expect((await post([{ name: 'note', data: 'wall' }])).json?.code).toBe('upload_missing')
    const role = { name: 'role', data: 'admin' }
    const [, told = ''] = /names the field: `(.*?)`;/.exec(uploading) ?? []
    const fault = new Function(`return ${told}`)()
    expect((await post([role])).json?.errors).toMatchObject([fault])
  })

  it('lists every code', () => {
    const codes = rows(uploading, '| code | status').flatMap(([, names = []]) => names)
    expect(codes.sort()).toEqual(Object.keys(uploadErrors.$table).sort())
  })

  it('names the defaults as they are', () => {
    const { uploads } = resolveConfig({
      mode: 'development',
      masterKey: randomBytes(32).toString('hex'),
    })
    expect(uploads).toMatchObject({
      ...{ directory: '.holdfast/uploads', types: ['pdf', 'png', 'jpg', 'doc', 'docx'] },
      ...{
        maxBytes: 10 * 1_048_576,
        maxPixels: 50_000_000,
        maxUnpackedBytes: 100 * 1_048_576,
        timeoutMs: 300_000,
      },
    })
  })
})
