import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { RoleBook } from '../access/index.ts'
import { PasswordHasher } from '../crypto/index.ts'
import { systemClock } from '../ports/index.ts'
import { readAccount } from './account.ts'
import { refusalTexts } from './refusal.ts'

const hasher = new PasswordHasher({
  ...{ memoryKiB: 64, passes: 1, parallelism: 1, concurrency: 1, maxWaitMs: 1_000 },
  clock: systemClock,
})
afterAll(() => hasher.close())
const now = Date.UTC(2026, 0, 1)
const rules = {
  keys: { findFault: () => undefined },
  ...{ roles: new RoleBook(), hasher, defaultRole: 'user', keepIdAs: undefined, now },
}
const read = (line: string, more = {}) => readAccount(Buffer.from(line), 7, { ...rules, ...more })
const base = { email: 'Ada@Example.com', emailVerified: true }
const readObject = (more: object, rulesMore = {}) =>
  read(JSON.stringify({ ...base, ...more }), rulesMore)
const key = { name: 'sync', sha256: 'ab'.repeat(32), scopes: ['read:own'] }
const bcrypt = `$2b$10$${'a'.repeat(21)}u${'b'.repeat(30)}.`

describe('a line', () => {
  it('becomes an account with canonical names', () => {
    const line = {
      ...{ username: ' Ada ', displayName: 'Ada L.', companyName: 'O’Brien & Co', createdAt: 1e12 },
      ...{ passwordHash: bcrypt, roles: ['manager', 'user', 'user'], metadata: { plan: 'gold' } },
    }
    expect(readObject(line)).toEqual({
      account: {
        email: 'Ada@Example.com',
        emailCanonical: 'ada@example.com',
        emailVerified: true,
        username: 'Ada',
        usernameCanonical: 'ada',
        displayName: 'Ada L.',
        companyName: 'O’Brien & Co',
        passwordHash: bcrypt,
        roles: ['manager', 'user'],
        metadata: '{"plan":"gold"}',
        createdAt: 1e12,
        disabled: false,
        apiKeys: [],
      },
    })
  })

  it('that leaves out what it may, or says null, gets the default role and no password', () => {
    const nothing = {
      ...{ username: null, displayName: null, companyName: null, passwordHash: null, roles: null },
      ...{ metadata: null, createdAt: null, disabled: null, id: null, totpSecret: null },
      apiKeys: [],
    }
    expect(readObject(nothing)).toEqual(readObject({}))
    expect(readObject({})).toMatchObject({
      account: { passwordHash: null, roles: ['user'], metadata: '{}', createdAt: undefined },
    })
  })

  it('gives the secret of an authenticator app, as apps and people write it', () => {
    for (const text of ['JBSWY3DPEHPK3PXP', 'jbsw y3dp ehpk 3pxp', 'JBSWY3DPEHPK3PXP=']) {
      expect(readObject({ totpSecret: text })).toMatchObject({
        account: { totpSecret: Buffer.from('48656c6c6f21deadbeef', 'hex') },
      })
    }
  })

  it('keeps its id in the metadata only where it is told to', () => {
    expect(readObject({ id: 17 })).toMatchObject({ account: { metadata: '{}' } })
    const kept = readObject({ id: 17, metadata: { a: 1 } }, { keepIdAs: 'oldId' })
    expect(kept).toMatchObject({ account: { metadata: '{"a":1,"oldId":"17"}' } })
  })
})

describe('a line is refused', () => {
  it('by a field whose name steers no terminal', () => {
    const hostile = '\u001b]0;pwned\u0007\u009b2J\u202enimda\u2028x'
    const { refusal } = readObject({ [hostile]: 1 }) as { refusal: { code: string; field: string } }
    expect(refusal).toMatchObject({
      code: 'unknown_field',
      field: '\\u{1b}]0;pwned\\u{7}\\u{9b}2J\\u{202e}nimda\\u{2028}x',
    })
    expect(readObject({ roles: ['user', 7] })).toMatchObject({ refusal: { field: 'roles/1' } })
  })

  it('by its misspelt field, with what that leaves missing', () => {
    expect(readObject({ email: undefined, emial: 'a@example.com' })).toMatchObject({
      refusal: {
        ...{ code: 'unknown_field', field: 'emial' },
        detail: expect.stringMatching(/ And email: This is needed and was not sent\.$/),
      },
    })
  })

  it.each([
    ['line_invalid', undefined, 'no json'],
    ['line_invalid', undefined, '[]'],
    ['line_invalid', undefined, '"text"'],
    ['line_invalid', undefined, 'null'],
    ['line_invalid', undefined, '{"email":"a@example.com","email":"b@example.com"}'],
    ['line_invalid', undefined, '{"email":"a@example.com","__proto__":{}}'],
    ['line_invalid', undefined, '{"email":"a\\u0000@example.com"}'],
    ['line_invalid', undefined, `\ufeff${JSON.stringify(base)}`],
    ['unknown_field', 'role', { role: 'admin' }],
    ['unknown_field', 'password', { password: 'in clear' }],
    ['field_invalid', 'emailVerified', { emailVerified: 'yes' }],
    ['field_invalid', 'emailVerified', { emailVerified: undefined }],
    ['field_invalid', 'displayName', { displayName: 'x'.repeat(101) }],
    ['field_invalid', 'createdAt', { createdAt: 1_600_000_000 }],
    ['field_invalid', 'createdAt', { createdAt: now + 1 }],
    ['field_invalid', 'createdAt', { createdAt: '2020-01-01' }],
    ['field_invalid', 'metadata', { metadata: { note: 'x'.repeat(8_192) } }],
    ['field_invalid', 'roles', { roles: 'admin' }],
    ['field_invalid', 'roles/1', { roles: ['user', 1] }],
    ['email_invalid', 'email', { email: 'a@example.com,b@example.com' }],
    ['email_unsupported', 'email', { email: 'ü@example.com' }],
    ['username_invalid', 'username', { username: 'ada@example' }],
    ['hash_unknown', 'passwordHash', { passwordHash: 'correct horse' }],
    ['hash_too_costly', 'passwordHash', { passwordHash: bcrypt.replace('$10$', '$20$') }],
    ['role_unknown', 'roles/1', { roles: ['user', 'owner'] }],
    ['roles_need_verified_email', 'roles', { emailVerified: false, roles: ['admin'] }],
    ['field_invalid', 'totpSecret', { totpSecret: '' }],
    ['field_invalid', 'totpSecret', { totpSecret: 'JBSWY3DPEHPK3P' }],
    ['field_invalid', 'totpSecret', { totpSecret: 'A'.repeat(104) }],
    ['field_invalid', 'totpSecret', { totpSecret: 'A'.repeat(201) }],
    ['field_invalid', 'totpSecret', { totpSecret: 'JBSWY3DPEHPK3PX0' }],
    ['field_invalid', 'totpSecret', { totpSecret: 'enabled' }],
    ['field_invalid', 'totpSecret', { totpSecret: true }],
    ['field_invalid', 'totpSecret', { totpSecret: ['JBSWY3DPEHPK3PXP'] }],
    [
      'factor_needs_verified_email',
      'totpSecret',
      { emailVerified: false, totpSecret: 'JBSWY3DPEHPK3PXP' },
    ],
    ['field_invalid', 'apiKeys', { apiKeys: false }],
    ['field_invalid', 'apiKeys/0/name', { apiKeys: [{ sha256: 'ab' }] }],
    ['unknown_field', 'apiKeys/0/hash', { apiKeys: [{ hash: 'ab' }] }],
    ['keys_need_verified_email', 'apiKeys', { emailVerified: false, apiKeys: [key] }],
  ] as const)('%s: %s %j', (code, field, line) => {
    const result = typeof line === 'string' ? read(line) : readObject(line)
    if (!('refusal' in result)) throw new Error('it was taken')
    const { detail, ...facts } = result.refusal
    expect(facts).toEqual({ line: 7, code, ...(field === undefined ? {} : { field }) })
    expect(detail).toMatch(/\.$/)
  })

  it('without a word of what it held', () => {
    const secret = 'canary'
    const lines = [
      { email: `${secret} at example` },
      { passwordHash: secret },
      { passwordHash: { [secret]: 1 } },
      { username: `${secret}!` },
      { roles: [`${secret} role`] },
      { displayName: secret.repeat(50) },
      { totpSecret: secret },
    ]
    for (const line of lines) {
      const text = JSON.stringify(readObject(line))
      expect(text).toContain('refusal')
      expect(text).not.toContain(secret)
    }
  })

  it('and never with a throw, whatever it holds', () => {
    const field = fc.constantFrom(
      'email',
      'emailVerified',
      'passwordHash',
      'roles',
      'metadata',
      'x',
    )
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .dictionary(field, fc.oneof(fc.jsonValue(), fc.constant(bcrypt)))
        .map((more) => JSON.stringify({ ...base, ...more })),
    )
    fc.assert(
      fc.property(line, (text) => {
        const result = read(text)
        if ('refusal' in result) expect(Object.keys(refusalTexts)).toContain(result.refusal.code)
      }),
      { numRuns: 1_000 },
    )
  })
})
