import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openCommandLine } from '../test/command-line.ts'

const shell = openCommandLine()
const entry = pathToFileURL(join(import.meta.dirname, '../src/index.ts')).href

/** An app with these options, and what browsers reported of it. */
async function writeApp(file: string, csp: string): Promise<void> {
  const secrets = `masterKey: '${shell.env.MASTER_ENCRYPTION_KEY}', baseUrl: 'http://localhost:3000', mode: 'development'`
  writeFileSync(
    join(shell.cwd, file),
    `import { createSecurity } from ${JSON.stringify(entry)}
export const security = createSecurity({ ${secrets}, database: 'sqlite:${join(shell.cwd, 'reports.db')}', logLevel: 'error', headers: { contentSecurityPolicy: ${csp} } })
`,
  )
}

async function report(
  file: string,
  disposition: string,
  blocked: readonly string[],
): Promise<void> {
  const { security } = await import(pathToFileURL(join(shell.cwd, file)).href)
  await security.ready({ jobs: false, told: true })
  security.shield.nameRoutes(['/shop/:id'])
  for (const [at, uri] of blocked.entries()) {
    const directive = uri === 'inline' ? 'script-src-elem' : 'img-src'
    const body = {
      'csp-report': {
        ...{ 'document-uri': 'http://localhost:3000/shop/7', 'blocked-uri': uri, disposition },
        'effective-directive': directive,
      },
    }
    await security.csp.take(body, `client ${at}`)
  }
  await security.close()
}

describe('csp', { timeout: 60_000 }, () => {
  it('report tells what was reported, without a word of the addresses', async () => {
    await writeApp('maker.mjs', '{}')
    expect((await shell.type('csp report --app maker.mjs')).out).toMatch(
      /^Nothing was reported since/,
    )
    await writeApp('sender.mjs', '{}')
    const pictures = 'https://cdn.example/secret.png'
    await report('sender.mjs', 'enforce', [pictures, pictures, 'inline'])
    await writeApp('reader.mjs', '{}')
    const { code, out } = await shell.type('csp report --days 1 --app reader.mjs')
    expect(code).toBe(0)
    expect(out).toMatch(/^3 reports since \d{4}-\d\d-\d\d/)
    expect(out).toMatch(/img-src +https:\/\/cdn\.example +- +\/shop\/:id +2 +2 +1 +holds/)
    expect(out).toMatch(/DAYS +POLICY/)
    expect(out).not.toContain('secret')
  })

  it('suggest writes the option to paste, and says what no policy should allow', async () => {
    await writeApp('sender.mjs', '{}')
    const pictures = 'https://cdn.example/secret.png'
    await report('sender.mjs', 'enforce', [pictures, pictures, 'inline'])
    await writeApp('suggest.mjs', "{ directives: { 'font-src': false } }")
    const { code, out } = await shell.type('csp suggest --app suggest.mjs')
    expect(code).toBe(0)
    expect(out).toContain('About the policy that holds, from 3 reports')
    expect(out).toContain('less than a week')
    expect(out).toMatch(/img-src +https:\/\/cdn\.example +2 reports +2 clients +\/shop\/:id/)
    expect(out).toContain('script-src-elem: inline, 1 report')
    expect(out).toContain(`    contentSecurityPolicy: {
      directives: {
        'font-src': false,
        'img-src': ["'self'", 'data:', 'https://cdn.example'],
      },
    },`)
    expect(out.slice(out.indexOf('The option:'))).not.toContain('unsafe')
    await writeApp('json.mjs', '{}')
    expect(await shell.json('csp suggest --app json.mjs')).toMatchObject({
      option: 'directives',
      directives: { 'img-src': ["'self'", 'data:', 'https://cdn.example'] },
      advice: [{ code: 'inline_script', routes: ['/shop/:id'] }],
    })
  })

  it('suggest looks at the candidate alone while there is one', async () => {
    await writeApp('quiet.mjs', '{ candidate: {} }')
    const quiet = await shell.type('csp suggest --app quiet.mjs')
    expect(quiet.out).toContain('No reports about the policy on trial.')
    expect(quiet.out).toContain('remove `candidate`')
    await writeApp('sender.mjs', '{}')
    await report('sender.mjs', 'enforce', ['https://cdn.example/'])
    await writeApp('trial.mjs', '{ candidate: {} }')
    await report('trial.mjs', 'report', ['https://pictures.example/a'])
    await writeApp('again.mjs', '{ candidate: {} }')
    const { out } = await shell.type('csp suggest --app again.mjs')
    expect(out).toContain(`      candidate: {
        directives: {
          'img-src': ["'self'", 'data:', 'https://pictures.example'],
        },
      },`)
    expect(out).not.toContain('cdn.example')
    shell.env = { ...shell.env, DATABASE_URL: `sqlite:${join(shell.cwd, 'reports.db')}` }
    const blind = (await shell.type('csp suggest')).out
    expect(blind).toContain('1 report is about a policy on trial that these options do not know')
    expect(blind).toContain("The policy is the environment's")
    expect(blind).not.toContain('There is nothing to change.')
  })

  it('suggest fails where no policy is sent', async () => {
    await writeApp('off.mjs', 'false')
    const { code, out } = await shell.type('csp suggest --app off.mjs')
    expect([code, out]).toEqual([1, expect.stringContaining('No policy is sent')])
  })

  it.each(['csp report --days 0', 'csp report --days 31', 'csp suggest --days x'])(
    '%s is refused',
    async (line) => {
      const { code, err } = await shell.type(line)
      expect(code).toBe(2)
      expect(err).toContain('--days is a whole number from 1 to 30')
    },
  )
})
