import { expect, it } from 'vitest'
import { jsonLogger, redact, redactText } from './index.ts'

const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const address = `otpauth://totp/Shop:ada%40example.com?secret=${secret}&issuer=Shop`

/** Names under which requests and answers of second factors hold what proves one. */
const fields = {
  mfaCode: '123456',
  code: '123456',
  recoveryCode: 'ABCDE-12345',
  recoveryCodes: ['ABCDE-12345', 'FGHJK-67890'],
  secret,
  otpauthUrl: address,
  manualEntry: 'JBSW Y3DP EHPK 3PXP',
  qrCode: 'data:image/svg+xml,1234',
  qrSvg: '<svg>1234</svg>',
  flow: 'short flow',
  mfa_code: '123456',
  recovery_codes: ['ABCDE-12345'],
  otpauth_url: address,
}

it.each(Object.entries(fields))('rule 34: a field %s is not written down', (name, value) => {
  expect(redact({ [name]: value, deep: { [name]: value } })).toEqual({
    [name]: '[redacted]',
    deep: { [name]: '[redacted]' },
  })
})

it.each([
  ['the address of an authenticator app', `enrol with ${address} now`, 'enrol with'],
  ['the same, in an address', `/qr?data=${encodeURIComponent(address)}`, '/qr?data='],
  ['a secret of an authenticator app', `the secret ${secret} was wrong`, 'was wrong'],
  ['the same in groups', `typed ${secret.replace(/(.{4})(?=.)/g, '$1 ')} wrongly`, 'wrongly'],
  ['a recovery code', 'the code 8KMXF-GF221 was used', 'was used'],
  ['a token of a flow', `flow ${'aB3_-'.repeat(9).slice(0, 43)} ended`, 'ended'],
])('rule 34: %s is taken out of a text', (_, text, rest) => {
  const written = redactText(text)
  expect(written).not.toMatch(/JBSW|8KMXF|aB3_-/)
  expect(written).toContain(rest)
  expect(written).toContain('[redacted]')
})

const keyId = 'AbCdEfGhIjKlMnOp'
const keySecret = `${'s3CrEt'.repeat(6)}01`
it.each([
  ['alone', (key: string) => key],
  ['in a sentence', (key: string) => `the key ${key}, of the build`],
  ['in an address', (key: string) => `GET /api/orders?key=${key}&page=2`],
  ['in an address that was encoded', (key: string) => `/?q=x%22${key}%22`],
  ['in JSON', (key: string) => JSON.stringify({ text: `${key}\n` })],
  ['behind a word', (key: string) => `x_${key}`],
  ['cut short', (key: string) => key.slice(0, -20)],
  ['twice', (key: string) => `${key} ${key}`],
])('rule 34: an API key is taken out of a text, but for what names it: %s', (_, within) => {
  for (const environment of ['live', 'test', 'eu1']) {
    const written = redactText(within(`hf_${environment}_${keyId}_${keySecret}`))
    expect(written).not.toContain('s3CrEt')
    expect(written).toContain(`hf_${environment}_${keyId}_[redacted]`)
  }
})

it('rule 34: an error that quotes an API key is written without it', () => {
  const key = `hf_live_${keyId}_${keySecret}`
  const error = new Error(`refused ${key}`, { cause: new Error(`because of ${key}`) })
  const lines: string[] = []
  const logger = jsonLogger({ level: 'debug', now: () => 0, write: (line) => lines.push(line) })
  logger.error(`bearer ${key}`, { error, list: [key], header: `Bearer ${key}` })
  expect(lines.join()).not.toContain('s3CrEt')
})

it('rule 34: a log line with a whole answer of an enrolment tells no secret', () => {
  const lines: string[] = []
  const logger = jsonLogger({ level: 'debug', now: () => 0, write: (line) => lines.push(line) })
  logger.info(`answered ${address}`, { answer: fields, error: new Error(`refused ${address}`) })
  expect(lines.join()).not.toMatch(/JBSW|123456|ABCDE|FGHJK|short flow|1234/)
})

it('what is no secret stays readable', () => {
  const harmless = {
    ...{ recoveryCodesLeft: 9, errorCode: 'flow_invalid', method: 'totp', factor: 'passkey' },
    ...{ userId: '019b0000-0000-7000-8000-000000000001', workflow: 'night', qr: true },
  }
  expect(redact(harmless)).toEqual(harmless)
  expect(redactText('order 12345-67890')).toBe('order 12345-67890')
  const text = 'POST /auth/mfa/totp/setup answered 200 in 12 ms'
  expect(redactText(text)).toBe(text)
})
