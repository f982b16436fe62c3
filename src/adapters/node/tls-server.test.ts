import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  describeOpenssl,
  makeAuthority,
  type TestAuthority,
  type TestPair,
} from '../../../test/certificates.ts'
import { ManualClock } from '../../../test/manual-clock.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { createTlsServer, type TlsServer } from './index.ts'

describeOpenssl('a server over TLS', () => {
  let authority: TestAuthority
  let first: TestPair
  let second: TestPair
  let foreign: TestPair
  let brief: TestPair
  let tls: TlsServer
  let clock: ManualClock
  const sockets: TLSSocket[] = []
  const told: { message: string; reason?: unknown }[] = []
  const logger: Logger = {
    ...silentLogger,
    error: (message, fields) => told.push({ message, reason: fields?.reason }),
  }

  beforeAll(() => {
    authority = makeAuthority()
    first = authority.issue('first', ['DNS:shop.test'], 20)
    second = authority.issue('second', ['DNS:shop.test', 'DNS:www.shop.test'], 20)
    foreign = authority.issue('foreign', ['DNS:other.test'], 20)
    brief = authority.issue('brief', ['DNS:shop.test'], 1)
  })
  afterAll(() => authority?.remove())

  const at = (name: string) => join(authority.folder, name)
  const files = () => ({ certPath: at('live.pem'), keyPath: at('live.key') })
  const install = ({ certPath, keyPath }: TestPair) => {
    copyFileSync(certPath, files().certPath)
    copyFileSync(keyPath, files().keyPath)
  }

  beforeEach(async () => {
    told.length = 0
    install(first)
    clock = new ManualClock(Date.now())
    tls = await createTlsServer((_request, response) => response.end('sealed'), {
      ...{ ...files(), clock, logger, name: 'shop.test', pollMs: 60_000 },
    })
    await new Promise<void>((resolve) => tls.server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await new Promise((resolve) => tls.server.close(resolve))
  })

  it('takes renewed files for new connections, and keeps those that are open', async () => {
    const old = await open(tls.server)
    expect(old.subject).toBe('first')
    install(second)
    expect(await tls.reload()).toBe(true)
    const fresh = await open(tls.server)
    expect(fresh.subject).toBe('second')
    expect(await old.ask()).toContain('sealed')
    old.close()
    fresh.close()
    expect(await tls.reload()).toBe(false)
  })

  it('looks at its files by itself', async () => {
    install(second)
    await clock.advance(60_000)
    await expect.poll(() => tls.current.certificate.subject).toBe('CN=second')
    expect((await open(tls.server)).subject).toBe('second')
  })

  const flaws: readonly [string, () => void, RegExp][] = [
    ['a key of another', () => copyFileSync(second.keyPath, files().keyPath), /is not the key of/],
    [
      'another certificate',
      () => copyFileSync(second.certPath, files().certPath),
      /is not the key of/,
    ],
    [
      'half a file',
      () => writeFileSync(files().certPath, first.cert.slice(0, 200)),
      /holds no certificate/,
    ],
    ['an empty key', () => writeFileSync(files().keyPath, ''), /holds no private key/],
    ['no file', () => rmSync(files().certPath), /cannot be read \(ENOENT\)/],
    ['another name', () => install(foreign), /does not name shop.test/],
  ]
  it.each(flaws)(
    'keeps the old certificate when it finds %s, and says so once',
    async (_, spoil, reason) => {
      spoil()
      expect(await tls.reload()).toBe(false)
      expect(await tls.reload()).toBe(false)
      expect((await open(tls.server)).subject).toBe('first')
      expect(told).toEqual([
        {
          message: expect.stringContaining('the old one stays'),
          reason: expect.stringMatching(reason),
        },
      ])
      install(second)
      expect(await tls.reload()).toBe(true)
      expect((await open(tls.server)).subject).toBe('second')
    },
  )

  it('refuses a certificate that has ended', async () => {
    install(brief)
    await clock.advance(3 * 86_400_000)
    await expect.poll(() => told[0]?.reason).toBe('the new certificate has ended')
    expect(tls.current.certificate.subject).toBe('CN=first')
  })

  it('does not start with a pair that cannot be used, and never says what stands in a key', async () => {
    copyFileSync(second.keyPath, files().keyPath)
    const start = createTlsServer(() => {}, { ...files(), clock, logger })
    await expect(start).rejects.toMatchObject({ code: 'certificate_invalid' })
    writeFileSync(files().keyPath, 'secret text')
    const other = createTlsServer(() => {}, { ...files(), clock, logger })
    await expect(other).rejects.toThrow(/holds no private key/)
    await expect(other).rejects.not.toThrow(/secret text/)
  })

  it('believes the same clients after a renewal', async () => {
    const clients = makeAuthority()
    const [known, stranger] = [clients.issue('till', ['DNS:till']), foreign]
    const mutual = await createTlsServer((_request, response) => response.end('sealed'), {
      ...{ ...files(), clock, logger },
      server: { ca: clients.ca, requestCert: true, rejectUnauthorized: true },
    })
    await new Promise<void>((resolve) => mutual.server.listen(0, '127.0.0.1', resolve))
    // In TLS 1.2 the client is refused within the handshake.
    const ask = async ({ cert, key }: TestPair) =>
      (await open(mutual.server, { cert, key, maxVersion: 'TLSv1.2' })).ask()
    const bothAsk = () => Promise.allSettled([known, stranger].map(ask))
    const before = await bothAsk()
    install(second)
    expect(await mutual.reload()).toBe(true)
    const after = await bothAsk()
    for (const socket of sockets.splice(0)) socket.destroy()
    await new Promise((resolve) => mutual.server.close(resolve))
    clients.remove()
    const answers = { status: 'fulfilled', value: expect.stringContaining('sealed') }
    expect([before, after]).toEqual(
      Array(2).fill([answers, expect.objectContaining({ status: 'rejected' })]),
    )
  })

  it('stops looking when it is closed', async () => {
    await new Promise((resolve) => tls.server.close(resolve))
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['TLSv1.2', 'TLSv1.2'],
    ['TLSv1.3', 'TLSv1.3'],
  ] as const)('speaks %s', async (version, spoken) => {
    const one = await open(tls.server, { minVersion: version, maxVersion: version })
    expect([one.protocol, one.alpn]).toEqual([spoken, 'http/1.1'])
    one.close()
  })

  it.each([
    ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }],
    ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' }],
    ['a cipher without forward secrecy', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }],
    ['CBC', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }],
    ['HTTP/2 alone', { ALPNProtocols: ['h2'] }],
  ] as const)('does not speak %s', async (_, options) => {
    await expect(open(tls.server, options)).rejects.toThrow()
  })

  interface Opened {
    readonly subject: string
    readonly protocol: string | null
    readonly alpn: string | false | null
    ask(): Promise<string>
    close(): void
  }

  function open(server: Server, options: object = {}): Promise<Opened> {
    const { port } = server.address() as AddressInfo
    const socket = connect({
      ...{ port, host: '127.0.0.1', servername: 'shop.test', ca: authority.ca },
      ...{ ALPNProtocols: ['http/1.1'], ...options },
    })
    sockets.push(socket)
    socket.setEncoding('utf8')
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('secureConnect', () =>
        resolve({
          subject: String((socket.getPeerCertificate() as PeerCertificate).subject.CN),
          protocol: socket.getProtocol(),
          alpn: socket.alpnProtocol,
          ask: () =>
            new Promise((answer) => {
              socket.once('data', answer)
              socket.write('GET / HTTP/1.1\r\nhost: shop.test\r\n\r\n')
            }),
          close: () => void socket.destroy(),
        }),
      )
    })
  }
})
