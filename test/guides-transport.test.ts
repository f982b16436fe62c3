import { execFileSync } from 'node:child_process'
import { afterAll, describe, expect, it } from 'vitest'
import { boundedOptions } from '../src/adapters/node/index.ts'
import { envSections } from '../src/config/index.ts'
import { fetchFaultReasons } from '../src/fetching/fault.ts'
import { createSafeFetch, FetchFault, redirectTarget } from '../src/index.ts'
import { type Kit, listen, openKit } from './adapters/site.ts'
import { page, rows } from './guide-kit.ts'

const kits: Kit[] = []
afterAll(() => Promise.all(kits.map((kit) => kit.close())))

describe('redirects-and-fetching.md', () => {
  const guide = page('docs/guides/redirects-and-fetching.md')

  it('says rightly where a target leads', () => {
    const table = rows(guide, '| target | leads to')
    expect(table.length).toBeGreaterThan(8)
    const rules = {
      ownOrigin: 'https://app.example.com',
      allow: ['https://shop.example.com'],
    }
    for (const [, [target = ''] = [], [location] = []] of table) {
      expect([target, redirectTarget(target, rules)]).toEqual([target, location])
    }
  })

  it('says rightly which addresses are refused', async () => {
    const addresses = rows(guide, '| refused as').flatMap(([, , examples = []]) => examples)
    expect(addresses.length).toBeGreaterThan(4)
    const resolve = async () => ['93.184.215.14', '10.0.0.1']
    for (const http of [true, false]) {
      const fetch = createSafeFetch({ http, resolve })
      for (const address of addresses) {
        await expect(fetch(address)).rejects.toMatchObject({ code: 'fetch_refused', status: 400 })
      }
    }
  })

  it('its program hears why, and every reason is listed', async () => {
    const [, code = ''] = /^```ts\nimport \{ FetchFault \}[^\n]*\n(.*?)^```$/ms.exec(guide) ?? []
    const run = new Function(
      ...['fetchPreview', 'address', 'logger', 'FetchFault'],
      `return (async () => { ${code} })()`,
    )
    const told: unknown[] = []
    const logger = { info: (_: string, { reason }: { reason: string }) => void told.push(reason) }
    const call = run(createSafeFetch(), 'https://127.0.0.1/', logger, FetchFault)
    await expect(call).rejects.toMatchObject({ code: 'fetch_refused' })
    expect(told).toEqual(['private'])
    const listed = rows(guide, '| code | reasons').flatMap(([, , reasons = []]) => reasons)
    expect(listed).toEqual([...fetchFaultReasons])
  })
})

describe('https.md', () => {
  const guide = page('docs/guides/https.md')

  it('names variables that there are', () => {
    const known = envSections.flatMap(({ variables }) => variables)
    const named = [...guide.matchAll(/^export ([A-Z_]+)=/gm)].map(([, name]) => name)
    expect(named.length).toBeGreaterThan(4)
    for (const name of named) {
      const variable = known.find((one) => one.name === name)
      expect([name, variable?.comesWith, variable?.retired]).toEqual([name, undefined, undefined])
    }
  })

  it('says rightly what is processed behind a proxy', async () => {
    const baseUrl = 'https://app.example.com'
    const kit = await openKit({ baseUrl, mode: 'production', trustedProxies: ['loopback'] })
    kits.push(kit)
    const { listener } = await import('../src/adapters/node/index.ts')
    const site = await listen(listener(kit.security, (_, response) => void response.end('here')))
    const told = rows(guide, '| request | what happens').slice(0, 2)
    const statuses: number[] = []
    for (const [, [header = ''] = []] of told) {
      const [name = '', value = ''] = header.split(': ')
      statuses.push((await site.fetch('/x', { headers: { [name]: value } })).status)
    }
    const page = { accept: 'text/html' }
    const plain = { ...page, 'x-forwarded-proto': 'http' }
    statuses.push((await site.fetch('/x', { headers: plain })).status)
    statuses.push((await site.fetch('/x', { headers: page })).status)
    expect(statuses).toEqual([200, 403, 308, 403])
    await site.stop()
  })

  it('says rightly what a client can hold', () => {
    const { headersTimeout, keepAliveTimeout, maxHeaderSize, requestTimeout } = boundedOptions()
    expect(guide).toContain(`the head of a request | ${Number(headersTimeout) / 1_000} seconds`)
    expect(guide).toContain(`a whole request | ${Number(requestTimeout) / 1_000} seconds`)
    expect(guide).toContain(`without a request | ${Number(keepAliveTimeout) / 1_000} seconds`)
    expect(guide).toContain(`size of all headers | ${Number(maxHeaderSize) / 1_024} KB`)
  })

  it('its program can be read, and uses what there is', () => {
    const [, program = ''] = /```ts\n(.*?)```/s.exec(guide) ?? []
    const source = program.replace(/^import/, "const masterKey = ''\nimport")
    const check = `import { stripTypeScriptTypes } from 'node:module'; stripTypeScriptTypes(${JSON.stringify(source)})`
    execFileSync(process.execPath, ['--input-type=module', '-e', check], { stdio: 'pipe' })
    for (const name of ['boundedOptions', 'boundServer', 'createTlsServer']) {
      expect(program).toContain(name)
    }
  })
})
