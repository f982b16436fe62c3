import { describe, expect, it } from 'vitest'
import { newExchangeState } from '../src/http/index.ts'
import { createSecurity } from '../src/index.ts'
import { openCommandLine } from '../test/command-line.ts'

const shell = openCommandLine()

/** What a node of the app has counted. */
async function count(): Promise<void> {
  const { BASE_URL: baseUrl = '', DATABASE_URL: database = '' } = shell.env
  const masterKey = shell.env.MASTER_ENCRYPTION_KEY ?? ''
  const security = createSecurity({
    ...{ baseUrl, database, masterKey, logLevel: 'error', shield: { csrf: 'shadow' } },
    mail: { mailer: { send: async () => ({ accepted: true }) as never }, from: 'a@example.com' },
  })
  await security.ready()
  security.shield.nameRoutes(['/orders/:id'])
  const { shadow } = security.parts.ground
  const note = (rules: readonly string[], enforced: boolean) => {
    const state = { ...newExchangeState(), client: { ip: '203.0.113.9', key: '203.0.113.9' } }
    const exchange = {
      ...{ method: 'POST', path: '/orders/canary', query: 'canary', headers: {}, state },
      ...{ peerAddress: '203.0.113.9', encrypted: false, requestId: 'request-1', startedAt: 0 },
      readBody: () => Promise.reject(new Error('nobody reads')),
    }
    for (const rule of rules) shadow.note({ control: 'csrf', rule, enforced, exchange })
  }
  note(['csrf_refused', 'another'], false)
  note(['csrf_refused'], false)
  note(['in_fact'], true)
  await security.close()
}

describe('shield report', { timeout: 60_000 }, () => {
  it('tells modes, and what would have been refused where', async () => {
    await count()
    const { code, out } = await shell.type('shield report')
    expect(code).toBe(0)
    expect(out).toMatch(/^ *CONTROL +MODE +WOULD HAVE REFUSED$/m)
    expect(out).toMatch(/^ *csrf +on +3 findings in 2 requests$/m)
    expect(out).toMatch(/^ *size +on +0$/m)
    expect(out).toContain('csrf would have refused 2 x POST /orders/:id: csrf_refused')
    expect(out).toMatch(/203\.0\.113\.9 request-1/)
    expect(out).toContain("The modes are the environment's, which your app may set otherwise")
    expect(out).toContain('the last ten seconds may be missing')
    expect(out).not.toContain('in_fact')
    expect(out).not.toContain('canary')
  })

  it('tells with --all what was refused in fact, and the same as JSON', async () => {
    await count()
    const { out } = await shell.type('shield report --all --days 1')
    expect(out).toMatch(/^ *csrf +on +3 findings in 2 requests +1$/m)
    expect(out).toContain('csrf refused 1 x POST /orders/:id: in_fact')
    const { totals } = await shell.json('shield report --all')
    expect(totals).toEqual([
      { control: 'csrf', enforced: false, count: 3, requests: 2 },
      { control: 'csrf', enforced: true, count: 1, requests: 1 },
    ])
  })

  it('says so when there is nothing to tell', async () => {
    expect((await shell.type('shield report')).out).toMatch(/Nothing would have been refused since/)
  })

  it.each(['0', '31', 'seven', '1.5'])('refuses %s days', async (days) => {
    const { code, err } = await shell.type(`shield report --days ${days}`)
    expect([code, err.includes('from 1 to 30')]).toEqual([2, true])
  })
})
