import { describe, expect, it } from 'vitest'
import { openCommandLine } from '../test/command-line.ts'

const shell = openCommandLine()
const { json, type } = shell

describe('migrate', { timeout: 60_000 }, () => {
  it('plans without changing anything, goes up, tells the status, and goes down', async () => {
    const plan = await json('migrate plan')
    expect(plan.pending.length).toBeGreaterThan(5)
    expect(await json('migrate plan')).toEqual(plan)
    const { applied } = await json('migrate up')
    expect(applied).toEqual(plan.pending.map(({ name }: { name: string }) => name))
    expect((await type('migrate up')).out).toBe('Nothing to do.')
    expect((await type('migrate plan')).out).toBe('The schema is up to date.')
    expect((await type('migrate status')).out).not.toMatch(/^ *pending /m)
    expect(await json('migrate down --steps 2')).toEqual({ reverted: applied.slice(-2).reverse() })
    expect((await json('migrate status')).at(-1)).toMatchObject({ state: 'pending' })
  })

  it.each(['0', '-1', '1.5', 'all'])('--steps=%s is a usage error', async (steps) => {
    expect((await type(`migrate down --steps=${steps}`)).code).toBe(2)
  })
})

describe('routes', { timeout: 60_000 }, () => {
  it('lists every route with who may call it, without database or secrets', async () => {
    shell.env = {}
    const routes = await json('routes')
    expect(routes).toContainEqual(
      expect.objectContaining({ method: 'POST', path: '/auth/login', access: 'public' }),
    )
    for (const { access } of routes) {
      expect(access).toMatch(/^(public|signed-in|member|(member, )?[\w*]+(:[\w*-]+)+)$/)
    }
    expect((await type('routes')).out.split('\n')).toHaveLength(routes.length)
  })
})
