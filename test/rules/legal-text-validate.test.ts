import type { Express, Request, Response } from 'express'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import type { ExpressSecurity, Validation } from '../../src/adapters/express/index.ts'
import { type InputSchemas, rules, sql } from '../../src/index.ts'
import { type Kit, type Listening, openKit, serve } from '../adapters/site.ts'
import { describeEngines, freshDatabase } from '../services/fresh-database.ts'
import personNames from '../vectors/names/names.json' with { type: 'json' }
import { fitting, legalTexts } from './legal-text-kit.ts'
import { openDriver, type SqlDriver } from './sql-driver-kit.ts'

interface Note {
  readonly id: number
  readonly said: string
}

const texts = [...new Set([...legalTexts, ...personNames])]
const notes: readonly Note[] = texts.map((said, id) => ({ id, said }))

const byZod = z.object({ notes: z.array(z.object({ id: z.int(), said: z.string() })).max(1_000) })
const byRules = rules({
  notes: {
    type: 'array',
    required: true,
    items: {
      type: 'object',
      fields: { id: { type: 'integer', required: true }, said: { type: 'string', required: true } },
    },
  },
})

/** An app whose people write notes, checked by either kind of schema. */
function addRoutes(app: Express, security: ExpressSecurity, driver: SqlDriver): void {
  const save = async (list: unknown, response: Response) => {
    for (const { id, said } of list as readonly Note[]) {
      await driver.run(sql`delete from notes where id = ${id}`)
      await driver.run(sql`insert into notes (id, said) values (${id}, ${said})`)
    }
    response.json({ saved: (list as readonly Note[]).length })
  }
  for (const [path, body] of [
    ['/zod', byZod],
    ['/rules', byRules],
  ] as const) {
    const check = security.validate({ body } as { readonly body: typeof byZod })
    app.put(path, security.open(), check, (request, response) =>
      save(check.of(request).body.notes, response),
    )
  }
  app.get('/notes', security.open(), async (_, response) => {
    response.json({ notes: await driver.run(sql`select id, said from notes order by id`) })
  })
  const said = z.object({ said: z.string() })
  const query = security.validate({ query: said })
  app.get('/echo', security.open(), query, echo(query, 'query'))
  const form = security.validate({ body: said })
  app.post('/echo', security.open(), form, echo(form, 'body'))
  const params = security.validate({ params: said })
  app.get('/echo/:said', security.open(), params, echo(params, 'params'))
  app.use(security.errorHandler())
}

function echo<S extends InputSchemas>(check: Validation<S>, part: 'query' | 'body' | 'params') {
  return (request: Request, response: Response) => {
    const valid = check.of(request) as Partial<Record<typeof part, unknown>>
    response.json({ valid: valid[part], sent: request[part] })
  }
}

describeEngines('rule 29: legal text through routes of an app with validate', (engine) => {
  let kit: Kit
  let site: Listening
  let driver: SqlDriver
  let drop = async () => {}
  beforeAll(async () => {
    const fresh = await freshDatabase(engine)
    drop = () => fresh.drop()
    driver = await openDriver(engine, fresh.url)
    await driver.run(sql`create table notes (id integer, said text)`)
    kit = await openKit()
    site = await serve(kit, (app, security) => addRoutes(app, security, driver))
  })
  afterAll(async () => {
    await site?.stop()
    await kit?.close()
    await driver?.close()
    await drop()
  })

  async function put(path: string, list: unknown): Promise<void> {
    const answer = await site.fetch(path, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ notes: list }),
    })
    expect(answer, answer.text).toMatchObject({ status: 200 })
  }

  const stored = async () => (await site.fetch('/notes')).json?.notes

  it.each(['/zod', '/rules'])(
    'is the same, byte for byte, after five saves by %s',
    {
      timeout: 120_000,
    },
    async (path) => {
      expect(texts.length).toBeGreaterThan(600)
      await put(path, notes)
      // Each save after the first writes what was read before.
      for (let save = 2; save <= 5; save += 1) await put(path, await stored())
      expect(await stored()).toEqual(notes)
    },
  )
})

describeEngines('rule 29: legal text as the name of an account', (engine) => {
  it('is the same, byte for byte, as it was given', { timeout: 120_000 }, async () => {
    const fresh = await freshDatabase(engine)
    const kit = await openKit({ database: fresh.url })
    const { users } = kit.security
    const sampled = legalTexts.filter((text, at) => at % 8 === 0 && fitting(text, 100))
    for (const [at, displayName] of [...personNames, ...sampled].entries()) {
      const email = `named${at}@example.com`
      const { id } = await users.invite({ email, displayName, companyName: displayName })
      expect(await users.find(id)).toMatchObject({ displayName, companyName: displayName })
    }
    await kit.close()
    await fresh.drop()
  })
})

it('rule 29: a query, a parameter of the path and a form say what was sent', {
  timeout: 120_000,
}, async () => {
  const kit = await openKit()
  const none: SqlDriver = { run: async () => [], close: async () => {} }
  const site = await serve(kit, (app, security) => addRoutes(app, security, none))
  for (const said of texts) {
    const encoded = encodeURIComponent(said)
    const ways: [string, RequestInit?][] = [
      [`/echo?said=${encoded}`],
      ['/echo', { method: 'POST', body: new URLSearchParams({ said }) }],
    ]
    // No path has a segment that is empty, of dots alone, or with what would divide it anew.
    if (!/^\.{0,2}$|[/\\%;]|[\p{Cc}\p{Cf}]/u.test(said)) ways.push([`/echo/${encoded}`])
    for (const [path, init] of ways) {
      const { json, text } = await site.fetch(path, init)
      expect(json, `${path}: ${text}`).toEqual({ valid: { said }, sent: { said } })
    }
  }
  await site.stop()
  await kit.close()
})
