import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSecurity } from '../src/index.ts'
import { openCommandLine } from './command-line.ts'
import { page, rows } from './guide-kit.ts'
import { openSite, type Site } from './rules/identity-kit.ts'

const options = (guide: string) => {
  const [, code = ''] = /const options = (\{.*?\n\}) as const/s.exec(guide) ?? []
  return new Function(`return ${code}`)()
}

let site: Site
beforeAll(async () => {
  site = await openSite(options(page('docs/guides/rate-limits.md')))
})
afterAll(() => site.close())

describe('ip-rules.md', () => {
  const guide = page('docs/guides/ip-rules.md')
  const shell = openCommandLine()

  it('its commands deny an address and say so', { timeout: 60_000 }, async () => {
    const [, script = ''] = /^```sh\n(.*?)^```$/ms.exec(guide) ?? []
    const lines = script.trim().split('\n')
    // A reason in quotes is one argument, which the kit would split.
    const typed = lines.map((line) =>
      line.replace('npx holdfast ', '').replace('"scans us"', 'scans'),
    )
    const codes: number[] = []
    for (const line of typed) codes.push((await shell.type(line)).code)
    expect(codes).toEqual([0, 0, 1])
  })

  it('says rightly who passes', async () => {
    const book = site.security.ipRules
    const table = guide.slice(guide.indexOf('| rules of a scope')).split('\n\n')[0]?.split('\n')
    const cells = rows(guide, '| rules of a scope')
    expect(cells.length).toBe(5)
    for (const [at, [, , passes = [], refused = []]] of cells.entries()) {
      const words = table?.[at + 2]?.split('|')[1] ?? ''
      const scope = `/row${at}`
      for (const [, action, range = ''] of words.matchAll(/(allow|deny) `([^`]+)`/g)) {
        await book.add({ action: action === 'allow' ? 'allow' : 'deny', range, scope })
      }
      for (const [addresses, allowed] of [
        [passes, true],
        [refused, false],
      ] as const) {
        for (const address of addresses) {
          const verdict = (await book.check(address))?.scopes.find((one) => one.scope === scope)
          expect([scope, address, verdict?.allowed ?? true]).toEqual([scope, address, allowed])
        }
      }
    }
  })

  it('its options are some, and the routes and permissions that it names are there', () => {
    const masterKey = 'q3ZxV0rYB1c7mJ5nK8tWuHsPdLfGaEoR2iC4vXyT6bM'
    const made = createSecurity({ masterKey, baseUrl: 'https://a.example', ...options(guide) })
    expect(made.config.ipRules.deny).toEqual(['198.51.100.66'])
    const routes = site.security.routes.map(({ method, path }) => `${method} ${path}`)
    const named = [...guide.matchAll(/`((?:GET|POST|DELETE) \/[^`]*)`/g)].map(([, one]) => one)
    expect(named).toHaveLength(5)
    for (const one of named) expect(routes).toContain(one)
    const asked = site.security.routes.flatMap(({ policy }) =>
      policy.kind === 'permission' ? [policy.permission] : [],
    )
    for (const [, one] of guide.matchAll(/`(\w+:security:ip-rules)`/g)) expect(asked).toContain(one)
  })

  it('its code makes and ends a rule', async () => {
    const [, code = ''] = /from code:\n```ts\n(.*?)^```$/ms.exec(guide) ?? []
    const before = (await site.security.ipRules.list()).rules.length
    const run = new Function('security', `return (async () => { ${code}; return rule })()`)
    expect(await run(site.security)).toMatchObject({ range: '198.51.100.0/24' })
    expect((await site.security.ipRules.list()).rules).toHaveLength(before)
  })
})

describe('rate-limits.md', () => {
  const guide = page('docs/guides/rate-limits.md')

  it('its policies are counted as it says', async () => {
    const { limits } = site.security
    expect(limits.policy('exports')).toMatchObject({ points: 10, windowMs: 3_600_000 })
    expect(limits.policy('coupons')).toMatchObject({ store: 'sql', insurance: 'refuse' })
    expect(limits.policy('search')).toMatchObject({ store: 'memory', blockMs: 600_000 })
    expect((await limits.consume('coupons', 'ada')).allowed).toBe(true)
    expect((await limits.consume('coupons', 'ada')).allowed).toBe(false)
    for (const [, name] of guide.matchAll(/rateLimit\('(\w+)'/g)) {
      expect(() => site.security.rateLimit(name ?? '')).not.toThrow()
    }
  })

  it('its fields are those that are sent', () => {
    expect(guide).toContain('RateLimit-Policy: "exports";q=10;w=3600\n')
    const { general, account } = createSecurity({
      masterKey: 'q3ZxV0rYB1c7mJ5nK8tWuHsPdLfGaEoR2iC4vXyT6bM',
      baseUrl: 'https://a.example',
    }).config.limits
    expect([general.points, account.points, general.windowMs]).toEqual([100, 1_000, 900_000])
  })
})
