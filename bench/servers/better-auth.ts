import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node'
import express from 'express'
import { serve } from './control.ts'

interface Choice {
  readonly folder: string
  readonly cookieCache: boolean
  /** Accounts to make, each with a session; none in a database that is there already. */
  readonly accounts: number
}

/**
 * Better Auth as its guides make it: the built-in SQLite of Node.js, e-mail and password, and on a
 * route of Express `getSession` with the request's headers. Its own limiter is off, as our limits
 * are raised; cookie cache as its guide on performance recommends.
 */
await serve<Choice>(async ({ accounts, cookieCache, folder }) => {
  const auth = betterAuth({
    baseURL: 'http://localhost:3000',
    secret: '5d6b3c1ea0f24cb89ab0173cd1f0f7c2b7e0a5c49f',
    database: new DatabaseSync(join(folder, 'better-auth.db')),
    emailAndPassword: { enabled: true },
    session: { cookieCache: { enabled: cookieCache, maxAge: 5 * 60 } },
    rateLimit: { enabled: false },
  })
  if (accounts > 0) await (await getMigrations(auth.options)).runMigrations()
  const app = express()
  app.all('/api/auth/*splat', toNodeHandler(auth))
  app.get('/orders', async (request, response) => {
    const session = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) })
    if (!session) return void response.status(401).json({ error: 'unauthenticated' })
    response.json({ id: 'order-1', total: 42 })
  })
  app.get('/ping', (_request, response) => {
    response.json({ alive: true })
  })
  app.get('/file', async (_request, response) => {
    response.type('json').send(await readFile(join(folder, 'file.json')))
  })
  const cookies = []
  for (let number = 0; number < accounts; number++) cookies.push(await signUp(number))
  return { server: app, details: { cookies } }

  async function signUp(number: number): Promise<string> {
    const response = await auth.api.signUpEmail({
      body: { name: 'Buyer', email: emailOf(number), password: 'correct-horse-battery' },
      asResponse: true,
    })
    const set = response.headers.getSetCookie()
    return set.map((cookie) => cookie.split(';')[0]).join('; ')
  }
})

function emailOf(number: number): string {
  return `buyer-${number}@shop.example`
}
