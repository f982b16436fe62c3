import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import express, { type Express } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commonErrors } from '../src/errors/index.ts'
import { bodyErrors } from '../src/http/index.ts'
import { customWebhook } from '../src/index.ts'
import { limitErrors } from '../src/limits/index.ts'
import { webhookErrors } from '../src/webhooks/index.ts'
import { type Kit, type Listening, listen, openKit } from './adapters/site.ts'
import { page, root, rows } from './guide-kit.ts'
import { webhookSecret } from './webhook-bench.ts'

const guide = page('docs/guides/receive-webhooks.md')
const programs = [...guide.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => code)
const scripts = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code = '']) => code)
const [setUp = '', custom = '', core = ''] = programs

let kit: Kit
let site: Listening
let app: Express
const saved: unknown[] = []

beforeAll(async () => {
  kit = await openKit()
  app = kit.security.protect(express())
  const orders = { save: async (id: string, payload: unknown) => void saved.push([id, payload]) }
  run(setUp, { app, security: kit.security, orders })
  run(custom, { app, security: kit.security, customWebhook, handler: () => {} })
  site = await listen(app)
})
afterAll(async () => {
  await site.stop()
  await kit.close()
})

/** Runs a program of the guide with what it takes for granted. */
function run(code: string, given: Readonly<Record<string, unknown>>): unknown {
  const env = {
    SHOPIFY_WEBHOOK_SECRET: webhookSecret,
    DEPOT_SECRET: webhookSecret,
    GITHUB_SECRET: webhookSecret,
  }
  const all = { process: { env }, ...given }
  return new Function(...Object.keys(all), `return (async () => { ${code} })()`)(
    ...Object.values(all),
  )
}

describe('receive-webhooks.md', () => {
  it('its commands send a delivery to its program, which takes it once and handles it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-webhooks-'))
    const holdfast = `${JSON.stringify(process.execPath)} ${JSON.stringify(join(root, 'cli/main.ts'))}`
    const script = (scripts[0] ?? '')
      .replaceAll('npx holdfast', holdfast)
      .replaceAll('http://localhost:3000', `http://127.0.0.1:${site.port}`)
    const env = { PATH: process.env.PATH ?? '', SHOPIFY_WEBHOOK_SECRET: webhookSecret }
    const { stdout } = await promisify(execFile)('sh', ['-ec', script], { cwd: folder, env })
    const order = readFileSync(join(folder, 'order.json'), 'utf8')
    rmSync(folder, { recursive: true, force: true })
    expect(stdout).toBe('200 {"status":"accepted"}\n200 {"status":"duplicate"}\n')
    for (const line of stdout.trim().split('\n')) expect(guide).toContain(`\`${line}\``)
    await kit.security.webhooks.handleDue()
    expect(saved).toEqual([['try-1', JSON.parse(order)]])
  })

  it('its other programs set webhooks up', async () => {
    const policies = kit.security.manifest(app).map(({ path, policy }) => [path, policy?.kind])
    expect(policies).toContainEqual(['/webhook/depot', 'webhook'])
    const given = {
      security: kit.security,
      handler: () => {},
      headers: {},
      rawBody: Buffer.from('x'),
    }
    const outcome = await run(`${core}; return outcome`, given)
    expect(outcome).toMatchObject({ status: 'refused' })
  })

  it('names options that there are, all of them, with their defaults', () => {
    const table = rows(guide, '| option | default')
    const named = table.map(([, [name = ''] = []]) => name)
    const known = [
      'secrets',
      'name',
      'topics',
      'mode',
      'maxBytes',
      'window',
      'keep',
      'attempts',
      'timeout',
    ]
    expect([...named].sort()).toEqual([...known].sort())
    const source = page('src/webhooks/options.ts')
    for (const name of known) expect(source).toMatch(new RegExp(`readonly ${name}\\??:`))
  })

  it('names codes, routes and permissions that there are', () => {
    const tables = [webhookErrors, bodyErrors, limitErrors, commonErrors].map(
      ({ $table }) => $table,
    )
    const codes = Object.assign({}, ...tables) as Record<string, { status: number }>
    const answers = [...guide.matchAll(/^\| (\d{3}) `([a-z_]+)`/gm)]
    expect(answers).toHaveLength(5)
    for (const [, status, code = ''] of answers)
      expect([code, codes[code]?.status]).toEqual([code, Number(status)])
    const routes = kit.security.routes.map(({ method, path }) => `${method} ${path}`)
    expect(routes).toContain('GET /admin/webhooks/deliveries')
    expect(routes).toContain('POST /admin/webhooks/deliveries/{id}/retry')
    for (const route of routes.filter((one) => one.includes('webhooks')))
      expect(guide).toContain(route)
  })
})
