import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { request as requestHttp } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { generateSecrets, optionsFromEnv } from '../src/config/index.ts'
import { describeOpenssl, makeAuthority, type TestAuthority } from '../test/certificates.ts'
import { freePort } from '../test/free-port.ts'
import { startServer } from './server.ts'

interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

describeOpenssl('holdfast serve over TLS', () => {
  let authority: TestAuthority
  let cwd: string
  let child: ChildProcess
  let port: number
  let plainPort: number
  let errors = ''

  beforeAll(async () => {
    authority = makeAuthority()
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-tls-'))
    install('first')
    port = await freePort()
    plainPort = await freePort()
    const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))
    child = spawn(process.execPath, [main, 'serve', '--port', String(port)], {
      cwd,
      env: { PATH: process.env.PATH, ...settings() },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stderr?.setEncoding('utf8').on('data', (line) => {
      errors += line
    })
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve())
      child.once('exit', () => reject(new Error(errors)))
    })
  })
  afterAll(async () => {
    if (child?.exitCode === null) {
      child.kill('SIGTERM')
      await new Promise((resolve) => child.once('exit', resolve))
    }
    authority?.remove()
    rmSync(cwd, { recursive: true, force: true })
  })

  function settings() {
    return {
      BASE_URL: `https://localhost:${port}`,
      MASTER_ENCRYPTION_KEY: generateSecrets().masterKey,
      ...{ HOLDFAST_DATA_DIR: cwd, HOST: '127.0.0.1', HTTP_REDIRECT_PORT: String(plainPort) },
      ...{ SSL_CERT_PATH: join(cwd, 'live.pem'), SSL_KEY_PATH: join(cwd, 'live.key') },
    }
  }

  function install(name: string): void {
    const { certPath, keyPath } = authority.issue(name, ['DNS:localhost'])
    copyFileSync(certPath, join(cwd, 'live.pem'))
    copyFileSync(keyPath, join(cwd, 'live.key'))
  }

  /** What `openssl s_client` says of a handshake. */
  function handshake(...flags: string[]): Promise<{ ok: boolean; said: string }> {
    const given = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'localhost']
    const options = ['-CAfile', authority.caPath, '-verify_return_error', ...flags]
    return new Promise((resolve) => {
      const one = execFile('openssl', [...given, ...options], (error, out, err) =>
        resolve({ ok: error === null, said: out + err }),
      )
      one.stdin?.end()
    })
  }

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    answerOf(
      request({ port, path, headers, method, host: 'localhost', ca: authority.ca, agent: false }),
    )
  const plain = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    answerOf(
      requestHttp({ port: plainPort, path, headers, method, host: '127.0.0.1', agent: false }),
    )

  it('answers, with HSTS', async () => {
    const health = await get('/healthz')
    expect([health.status, health.headers['strict-transport-security']]).toEqual([
      200,
      'max-age=31536000; includeSubDomains',
    ])
    expect((await get('/auth/me')).status).toBe(401)
    expect(errors).not.toContain('TRUSTED_PROXIES is empty')
  })

  it.each([
    ['-tls1_3', 'TLSv1.3'],
    ['-tls1_2', 'TLSv1.2'],
  ])('openssl s_client %s shakes hands and believes the certificate', async (flag, version) => {
    const { ok, said } = await handshake(flag, '-alpn', 'h2,http/1.1')
    expect([ok, said.includes('Verify return code: 0 (ok)')]).toEqual([true, true])
    expect(said).toMatch(new RegExp(`${version}, Cipher is (TLS_|ECDHE-)[\\w-]*(GCM|CHACHA20)`))
    expect(said).toContain('ALPN protocol: http/1.1')
    expect(said).toContain('Compression: NONE')
  })

  it.each([
    ['TLS 1.1', ['-tls1_1', '-cipher', 'DEFAULT:@SECLEVEL=0']],
    ['TLS 1.0', ['-tls1', '-cipher', 'DEFAULT:@SECLEVEL=0']],
    ['static RSA', ['-tls1_2', '-cipher', 'AES128-GCM-SHA256']],
    ['CBC', ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA256']],
  ])('openssl s_client with %s is refused', async (_, flags) => {
    expect((await handshake(...flags)).ok).toBe(false)
  })

  it('does not renegotiate', async () => {
    const given = [
      's_client',
      '-connect',
      `127.0.0.1:${port}`,
      '-tls1_2',
      '-CAfile',
      authority.caPath,
    ]
    const client = spawn('openssl', given, { stdio: ['pipe', 'pipe', 'pipe'] })
    const said = Promise.all([text(client.stdout), text(client.stderr)])
    // A line that is only R asks for another handshake.
    client.stdin.write('R\n')
    await new Promise((resolve) => client.once('exit', resolve))
    const [, err] = await said
    expect(err).toMatch(/RENEGOTIATING[\s\S]*(no renegotiation|handshake failure)/i)
  })

  it('a certificate without subjectAltName is announced, with what makes a better one', async () => {
    const [certPath, keyPath] = [join(cwd, 'old.pem'), join(cwd, 'old.key')]
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    const files = ['-keyout', keyPath, '-out', certPath]
    execFileSync('openssl', ['req', '-x509', ...key, '-subj', '/CN=localhost', ...files], {
      stdio: 'ignore',
    })
    const told: string[] = []
    const baseUrl = 'https://localhost:3000'
    const server = await startServer({
      options: { ...generateSecrets(), baseUrl, database: 'sqlite::memory:', logLevel: 'error' },
      server: {
        ...{ port: await freePort(), host: '127.0.0.1', dataDir: cwd, production: false },
        tls: { certPath, keyPath },
      },
      tell: (line) => told.push(line),
    })
    await server.stop()
    expect(told.join()).toContain('-addext subjectAltName=DNS:localhost')
  })

  it('a renewed certificate is taken at SIGHUP, a broken one is not', async () => {
    const issued = async () => /subject=CN ?= ?(\w+)/.exec((await handshake()).said)?.[1]
    expect(await issued()).toBe('first')
    install('second')
    child.kill('SIGHUP')
    await expect.poll(issued, { timeout: 10_000 }).toBe('second')
    copyFileSync(authority.issue('third', ['DNS:localhost']).keyPath, join(cwd, 'live.key'))
    child.kill('SIGHUP')
    await expect.poll(() => errors, { timeout: 10_000 }).toContain('the old one stays')
    expect(await issued()).toBe('second')
    expect(errors).not.toContain('PRIVATE KEY')
  })

  it('plain HTTP is led to baseUrl, whatever Host says', async () => {
    const own = `https://localhost:${port}`
    for (const host of ['evil.example', 'localhost', `localhost:${plainPort}`]) {
      const { headers, status } = await plain('/account/sign-in?next=/x', { host })
      expect([status, headers.location]).toEqual([308, `${own}/account/sign-in?next=/x`])
      expect([headers['strict-transport-security'], headers.connection]).toEqual([
        undefined,
        'close',
      ])
    }
    for (const path of ['//evil.example', '/\\evil.example', 'http://evil.example/', '/a/../b']) {
      expect((await plain(path)).headers.location).toBe(`${own}/`)
    }
  })

  it.each<[string, string, Record<string, string>]>([
    ['a change', 'POST', {}],
    ['a token', 'GET', { authorization: 'Bearer x' }],
    ['an API key', 'GET', { 'x-api-key': 'x' }],
  ])('%s by plain HTTP is refused and leads nowhere', async (_, method, headers) => {
    const answer = await plain('/auth/me', headers, method)
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([403, 'https_required'])
    expect(answer.headers.location).toBeUndefined()
  })
})

it.each([
  [{ SSL_CERT_PATH: 'x' }, 'SSL_KEY_PATH is missing'],
  [{ SSL_KEY_PATH: 'x' }, 'SSL_CERT_PATH is missing'],
  [{ HTTP_REDIRECT_PORT: '80' }, 'HTTP_REDIRECT_PORT needs SSL_CERT_PATH'],
  [
    { SSL_CERT_PATH: 'x', SSL_KEY_PATH: 'y', HTTP_REDIRECT_PORT: '99999' },
    'HTTP_REDIRECT_PORT must be',
  ],
])('half a setting is refused with its fix: %j', (env, message) => {
  expect(() => optionsFromEnv(env)).toThrow(message)
})

it('TLS with a plain BASE_URL does not start', async () => {
  const start = startServer({
    options: {
      ...generateSecrets(),
      baseUrl: 'http://localhost:3000',
      database: 'sqlite::memory:',
    },
    server: {
      ...{ port: 3_000, dataDir: '.', production: false },
      tls: { certPath: 'x', keyPath: 'y' },
    },
    tell: () => {},
  })
  await expect(start).rejects.toThrow(
    'BASE_URL must begin with https://. Write BASE_URL=https://localhost:3000',
  )
})

function answerOf(sent: ReturnType<typeof request>): Promise<Got> {
  return new Promise((resolve, reject) => {
    sent.once('error', reject)
    sent.once('response', async (response) => {
      const body = await text(response)
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
    })
    sent.end()
  })
}
