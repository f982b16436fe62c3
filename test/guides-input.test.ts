import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import * as everything from '../src/index.ts'
import {
  encodeCsvCell,
  html,
  inputErrors,
  rules,
  safeUrl,
  sanitizeHtml,
  sql,
} from '../src/index.ts'
import { type Kit, type Listening, openKit, serve } from './adapters/site.ts'
import { page } from './guide-kit.ts'

const blocks = (guide: string) =>
  [...page(guide).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code)

/** Runs the code of a guide, without its imports, with what it names. */
function run(code: string, names: Readonly<Record<string, unknown>>, result: string): unknown {
  const body = `${code.replace(/^import .*$/gm, '')}\nreturn ${result}`
  return new Function(...Object.keys(names), body)(...Object.values(names))
}

describe('validate-input.md', () => {
  let kit: Kit
  let site: Listening
  beforeAll(async () => {
    kit = await openKit()
    const { security } = kit
    const [first = '', second = ''] = blocks('docs/guides/validate-input.md')
    site = await serve(kit, (app) => {
      const opened = { validate: security.validate, guard: () => security.open() }
      run(first, { app, security: opened, z }, 'order')
      const account = run(second, { rules, security }, 'account') as never
      app.post('/accounts', security.open(), account, (request, response) => {
        response.json(request.valid)
      })
    })
  })
  afterAll(async () => {
    await site?.stop()
    await kit?.close()
  })

  const post = (path: string, body: unknown) =>
    site.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  it('its routes check as it says', async () => {
    const path = '/shops/0198c2f0-0000-7000-8000-000000000000/orders'
    const good = await post(path, { items: [{ name: "O'Brien", price: 1 }] })
    expect(good).toMatchObject({ status: 200, json: { items: 1 } })
    const bad = await post(path, { items: [{ name: 'x', price: 'y' }] })
    expect(bad.json?.errors).toMatchObject([{ pointer: '#/body/items/0/price' }])
    const account = { email: 'a@example.com', code: 'AB1234' }
    expect((await post('/accounts', account)).json).toEqual({ body: account })
    expect((await post('/accounts', { ...account, size: 'XL' })).status).toBe(400)
  })
})

describe('output-and-html.md', () => {
  it('names functions that there are, and its code does what it says', () => {
    const text = page('docs/guides/output-and-html.md')
    const named = [...text.matchAll(/`(encode\w+|safeUrl|html|sanitizeHtml|decode\w+)`/g)]
    expect(named.length).toBeGreaterThan(8)
    for (const [, name = ''] of named) expect(everything).toHaveProperty(name)
    const [code = ''] = blocks('docs/guides/output-and-html.md')
    const names = { encodeCsvCell, html, safeUrl, sanitizeHtml }
    const given = {
      link: 'javascript:alert(1)',
      name: '1 < 2',
      written: '<b>a</b><script>b</script>',
    }
    const result = run(code, { ...names, ...given }, '[String(page), line, comment]')
    expect(result).toEqual(['<a href="#">1 &lt; 2</a>', `"'=1+1",42`, '<b>a</b>'])
    expect(inputErrors.$table.header_value_invalid.status).toBe(500)
  })
})

describe('sql.md', () => {
  it('its statement runs, and its values stay values', async () => {
    const [code = ''] = blocks('docs/guides/sql.md')
    const database = new DatabaseSync(':memory:')
    database.exec('create table orders (id integer, total integer, customer text, state text)')
    const name = "'; drop table orders; --"
    database.prepare('insert into orders values (1, 2, ?, ?)').run(name, 'open')
    const given = { sql, name, states: ['open', 'paid'] }
    const [statement = ''] = code.split('\n\nawait')
    const wanted = run(statement, given, 'wanted') as ReturnType<typeof sql>
    const { text, values } = wanted.for('sqlite')
    expect(database.prepare(text).all(...(values as string[]))).toMatchObject([{ id: 1, total: 2 }])
    expect(wanted.values).toEqual([name, 'open', 'paid'])
    database.close()
  })
})
