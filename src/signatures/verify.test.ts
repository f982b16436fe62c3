import { describe, expect, it } from 'vitest'
import { contentDigest } from './digest.ts'
import { findFault, readSignature, type SignatureRules } from './verify.ts'

const body = Buffer.from('x')
const rules: SignatureRules = { components: [], tag: undefined, windowSeconds: 300 }
const message = (input: string, signature = 'sig=:AAAA:', more = {}) => ({
  ...{ method: 'POST', target: '/a?b', scheme: 'https', authority: 'a.example' },
  headers: {
    'signature-input': input,
    signature,
    'content-digest': contentDigest(body),
    'content-type': 'text/plain',
    ...more,
  },
})
const parameters = ';created=1000;nonce="0123456789abcdef";keyid="k"'

function faultOf(covered: string, sent: Uint8Array = body, more = '') {
  const asked = message(`sig=(${covered})${parameters}${more}`)
  const outcome = readSignature(asked, rules)
  if (!outcome.ok) return outcome.fault
  const received = { ...asked, body: sent, hasBody: sent.byteLength > 0 }
  return findFault(received, outcome.read, { nowMs: 1_000_000, rules }) ?? 'none'
}

describe('a signature covers', () => {
  it.each([
    ['"@method" "@target-uri" "content-digest" "content-type"', 'none'],
    ['"@method" "@authority" "@path" "@query" "content-digest" "content-type"', 'none'],
    ['"@method" "@authority" "@request-target" "content-digest" "content-type"', 'none'],
    ['"@method" "content-digest" "content-type"', 'incomplete'],
    ['"@method" "@path" "@query" "content-digest" "content-type"', 'incomplete'],
    ['"@method" "@authority" "@path" "content-digest" "content-type"', 'incomplete'],
    ['"@method" "@authority" "@query" "content-digest" "content-type"', 'incomplete'],
    ['"@method" "@request-target" "content-digest" "content-type"', 'incomplete'],
    ['"@target-uri" "content-digest" "content-type"', 'incomplete'],
    ['"@method" "@target-uri"', 'incomplete'],
    ['"@method" "@target-uri";req "content-digest" "content-type"', 'incomplete'],
    ['"@method" "@target-uri" "content-digest";sf "content-type"', 'incomplete'],
  ])('method, target and body: (%s) is %s', (covered, fault) => {
    expect(faultOf(covered)).toBe(fault)
  })

  it.each([
    ['"content-digest" "content-type"', {}, 'none'],
    ['"content-digest"', {}, 'incomplete'],
    ['"content-digest" "content-type"', { 'content-encoding': 'gzip' }, 'incomplete'],
    ['"content-digest" "content-type" "content-encoding"', { 'content-encoding': 'gzip' }, 'none'],
  ])('how a body is read, where there is one: (%s) of %o is %s', (covered, headers, fault) => {
    const input = `sig=("@method" "@target-uri" ${covered})${parameters}`
    const asked = message(input, undefined, headers)
    const outcome = readSignature(asked, rules)
    if (!outcome.ok) throw new Error(outcome.fault)
    const received = { ...asked, body, hasBody: true }
    const found = findFault(received, outcome.read, { nowMs: 1_000_000, rules })
    expect(found ?? 'none').toBe(fault)
  })

  it('no digest where there is no body', () => {
    expect(faultOf('"@method" "@target-uri"', Buffer.alloc(0))).toBe('none')
    expect(faultOf('"@method" "@target-uri" "content-digest"', Buffer.alloc(0))).toBe('digest')
  })
})

describe('a signature ends', () => {
  const covered = '"@method" "@target-uri" "content-digest" "content-type"'

  it('when it says so, if that is sooner', () => {
    expect(faultOf(covered, body, ';expires=1000')).toBe('none')
    const asked = message(`sig=(${covered})${parameters};expires=1001`)
    const outcome = readSignature(asked, rules)
    if (!outcome.ok) throw new Error(outcome.fault)
    const received = { ...asked, body, hasBody: true }
    expect(findFault(received, outcome.read, { nowMs: 1_002_000, rules })).toBe('expired')
    expect(faultOf(covered, body, ';expires=999')).toBe('malformed')
  })
})

describe('what cannot be read', () => {
  it.each([
    ['no label', 'x', 'sig=:AAAA:'],
    ['a signature without input', '', 'sig=:AAAA:'],
    ['an input without signature', `sig=()${parameters}`, ''],
    ['a signature that is no bytes', `sig=()${parameters}`, 'sig="AAAA"'],
    ['no created', 'sig=();nonce="0123456789abcdef";keyid="k"', 'sig=:AAAA:'],
    ['no nonce', 'sig=();created=1;keyid="k"', 'sig=:AAAA:'],
    ['a short nonce', 'sig=();created=1;keyid="k";nonce="short"', 'sig=:AAAA:'],
    ['no key', 'sig=();created=1;nonce="0123456789abcdef"', 'sig=:AAAA:'],
    ['a moment in words', `sig=()${parameters};expires="x"`, 'sig=:AAAA:'],
    ['two of them', `a=()${parameters}, b=()${parameters}`, 'a=:AAAA:, b=:AAAA:'],
  ])('is malformed: %s', (_what, input, signature) => {
    expect(readSignature(message(input, signature), rules)).toEqual({
      ...{ ok: false, fault: 'malformed' },
    })
  })
})
