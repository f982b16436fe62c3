import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLoopback, parseSmtpUrl } from './smtp-url.ts'

describe('the address of the mail server', () => {
  it.each([
    [
      'smtp://mail.example',
      { host: 'mail.example', port: 587, implicitTls: false, tls: 'required' },
    ],
    [
      'smtps://mail.example',
      { host: 'mail.example', port: 465, implicitTls: true, tls: 'required' },
    ],
    ['smtp://mail.example:2525/', { port: 2525, tls: 'required' }],
    ['smtp://a%40b:p%2Fw@mail.example', { auth: { user: 'a@b', pass: 'p/w' } }],
    ['smtp://mail.example?tls=none', { tls: 'none' }],
    ['smtp://mail.example?tls=opportunistic', { tls: 'opportunistic' }],
    ['smtp://localhost:1025', { host: 'localhost', tls: 'none' }],
    ['smtp://127.0.0.1:1025', { host: '127.0.0.1', tls: 'none' }],
    ['smtp://[::1]:1025', { host: '::1', tls: 'none' }],
    ['smtp://localhost?tls=required', { tls: 'required' }],
    ['smtps://localhost', { tls: 'required' }],
    ['smtp://localhost.evil.example', { tls: 'required' }],
    ['smtp://127.0.0.1.evil.example', { tls: 'required' }],
  ])('%s is understood', (url, expected) => expect(parseSmtpUrl(url)).toMatchObject(expected))

  it.each([
    '',
    'mail.example',
    'http://mail.example',
    'smtp://',
    'smtp://mail.example/path',
    'smtp://mail.example#x',
    'smtp://mail.example?tls=off',
    'smtp://mail.example?tls=none&tls=required',
    'smtp://mail.example?ignoreTLS=true',
    'smtps://mail.example?tls=none',
    'smtp://user:%zz@mail.example',
    'smtp://user:pa/ss@mail.example',
  ])('%j is refused', (url) => {
    expect(() => parseSmtpUrl(url)).toThrow(expect.objectContaining({ code: 'smtp_url_invalid' }))
  })

  it('is never told by its refusal', () => {
    fc.assert(
      fc.property(fc.webUrl(), fc.string(), (url, tail) => {
        try {
          parseSmtpUrl(`${url}${tail}`)
        } catch (error) {
          expect(JSON.stringify(error)).not.toContain(url)
          expect(error).toMatchObject({ code: 'smtp_url_invalid' })
          expect((error as Error).cause).toBeUndefined()
        }
      }),
    )
  })
})

describe('loopback', () => {
  it.each(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1'])(
    '%s is this machine',
    (address) => expect(isLoopback(address)).toBe(true),
  )
  it.each(['', 'localhost', '128.0.0.1', '::2', '::ffff:192.0.2.1', '127.1', '127.0.0.1 '])(
    '%j is not',
    (address) => expect(isLoopback(address)).toBe(false),
  )
})
