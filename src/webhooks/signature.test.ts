import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { customWebhook } from './custom.ts'
import { webhookProviders } from './providers.ts'
import type { WebhookScheme } from './scheme.ts'
import { keyOf } from './secrets.ts'
import { signWebhook } from './sign.ts'
import { verifySignature } from './signature.ts'

const vectors = JSON.parse(
  readFileSync(
    new URL('../../test/vectors/webhooks/standard-webhooks-cases.json', import.meta.url),
    'utf8',
  ),
)
const { github, shopify, slack, standard, stripe } = webhookProviders
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const custom = customWebhook({
  ...{ name: 'depot', header: 'X-Depot-Signature', prefix: 'hmac ', algorithm: 'sha512' },
  ...{ encoding: 'hex', id: 'X-Depot-Id', timestamp: 'X-Depot-Time' },
  content: '{id}|{timestamp}|{body}',
})
const schemes: readonly WebhookScheme[] = [...Object.values(webhookProviders), custom]
const now = 1_614_265_330_000
const body = Buffer.from(`{"note":"O'Brien's Café — 5″ naïve 日本 🎉","html":"<b>1 < 2 & 3</b>"}`)

interface Sent {
  readonly scheme: WebhookScheme
  readonly headers?: Record<string, string>
  readonly rawBody?: Uint8Array
  readonly secrets?: readonly string[]
  readonly at?: number
}

function sign(scheme: WebhookScheme, signedBody: Uint8Array = body, by = secret) {
  const signed = { secret: by, body: signedBody, now, id: 'msg_1', topic: 'orders/create' }
  return { ...signWebhook(scheme, signed) }
}

function verdict({ scheme, at = now, headers, rawBody = body, secrets = [secret] }: Sent): string {
  const keys = secrets.map((one) => keyOf(scheme, one))
  const request = { headers: headers ?? sign(scheme), rawBody }
  const found = verifySignature(request, { scheme, keys, now: at, windowMs: 300_000 })
  return found.ok ? 'genuine' : found.reason
}

describe.each(schemes.map((scheme) => [scheme.name, scheme] as const))('%s', (_name, scheme) => {
  it('takes what was signed, apostrophes, accents and all', () => {
    expect(verdict({ scheme })).toBe('genuine')
  })

  it('refuses a body that was parsed and written anew', () => {
    const pretty = Buffer.from(`{ "a": 1.0, "b": "\\u00e9" }`)
    const anew = Buffer.from(JSON.stringify(JSON.parse(pretty.toString())))
    expect(verdict({ scheme, headers: sign(scheme, pretty), rawBody: pretty })).toBe('genuine')
    expect(verdict({ scheme, headers: sign(scheme, pretty), rawBody: anew })).toBe('invalid')
  })

  it('refuses any flipped bit of body or signature', () => {
    for (let bit = 0; bit < body.length * 8; bit += 7) {
      const flipped = Buffer.from(body)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(verdict({ scheme, rawBody: flipped })).toBe('invalid')
    }
    const { name, prefix } = scheme.signature
    const header = sign(scheme)[name] ?? ''
    const start =
      header.lastIndexOf(prefix) + prefix.length + (scheme.signature.form === 'pairs' ? 1 : 0)
    for (let at = start; at < header.length; at++) {
      const other = header[at] === 'a' ? 'b' : 'a'
      const forged = header.slice(0, at) + other + header.slice(at + 1)
      expect(verdict({ scheme, headers: { ...sign(scheme), [name]: forged } })).toBe('invalid')
    }
  })

  it('refuses a signature that is missing, doubled, cut, empty or of another secret', () => {
    const { name } = scheme.signature
    const headers = sign(scheme)
    const { [name]: header = '', ...without } = headers
    expect(verdict({ scheme, headers: without })).toBe('invalid')
    const doubled = { ...headers, [name]: [header, header] as unknown as string }
    expect(verdict({ scheme, headers: doubled })).toBe('invalid')
    for (const cut of [
      '',
      scheme.signature.prefix,
      header.slice(0, -1),
      header.slice(0, -2),
      `${header}=`,
    ]) {
      expect(verdict({ scheme, headers: { ...headers, [name]: cut } })).toBe('invalid')
    }
    const other = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
    expect(verdict({ scheme, headers: sign(scheme, body, other) })).toBe('invalid')
  })

  it('takes the new and the old secret while it is changed, and no third', () => {
    const [fresh, old] = ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', secret]
    const secrets = [fresh, old]
    expect(verdict({ scheme, secrets, headers: sign(scheme, body, fresh) })).toBe('genuine')
    expect(verdict({ scheme, secrets, headers: sign(scheme, body, old) })).toBe('genuine')
    expect(verdict({ scheme, secrets: [fresh], headers: sign(scheme, body, old) })).toBe('invalid')
  })

  it('never throws and takes nothing that was not signed, whatever the headers hold', () => {
    const { name } = scheme.signature
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.base64String(),
      fc.constantFrom(
        'v1,',
        'v0=',
        't=1',
        't=,v1=',
        'sha256=',
        'v1=,v1=',
        ' v1, ',
        `${'v1,a '.repeat(20)}`,
      ),
    )
    const texts = fc.array(word, { maxLength: 6 }).map((parts) => parts.join(''))
    const names = [name, scheme.id, scheme.timestamp].filter((one) => one !== undefined)
    const changed = fc.record(Object.fromEntries(names.map((one) => [one, texts])))
    fc.assert(
      fc.property(changed, fc.uint8Array({ maxLength: 50 }), (headers, rawBody) => {
        expect(verdict({ scheme, headers: headers as Record<string, string>, rawBody })).toBe(
          'invalid',
        )
      }),
      { numRuns: 300 },
    )
  })
})

describe.each([stripe, slack, standard, custom].map((scheme) => [scheme.name, scheme] as const))(
  'the instant of %s',
  (_name, scheme) => {
    it.each([
      [300_000, 'genuine'],
      [-300_000, 'genuine'],
      [301_000, 'expired'],
      [-301_000, 'expired'],
    ])('%i ms away is %s', (away, expected) => {
      expect(verdict({ scheme, at: now + away })).toBe(expected)
    })

    it('is signed: a fresh one does not make an old delivery new', () => {
      const later = String(now / 1_000 + 600)
      const text = JSON.stringify(sign(scheme)).replaceAll(String(now / 1_000), later)
      const renewed = JSON.parse(text)
      expect(verdict({ scheme, headers: renewed, at: now + 600_000 })).toBe('invalid')
    })

    it.each(['', '0x10', '1e9', ' 1614265330', '-1', 'NaN', '1614265330.5'])(
      'is not %j',
      (written) => {
        const text = JSON.stringify(sign(scheme)).replaceAll(String(now / 1_000), written)
        expect(verdict({ scheme, headers: JSON.parse(text) })).toBe('invalid')
      },
    )
  },
)

describe('known answers', () => {
  it('of GitHub: its documentation signs "Hello, World!"', () => {
    const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
    const rawBody = Buffer.from('Hello, World!')
    const secrets = ["It's a Secret to Everybody"]
    const headers = { 'x-hub-signature-256': signature }
    expect(verdict({ scheme: github, headers, rawBody, secrets })).toBe('genuine')
  })

  it('of Slack: the slash command of its documentation', () => {
    const rawBody = Buffer.from(
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    )
    const headers = {
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      'x-slack-request-timestamp': '1531420618',
    }
    const secrets = ['8f742231b10e8888abcd99yyyzzz85a5']
    const at = 1_531_420_618_000
    expect(verdict({ scheme: slack, headers, rawBody, secrets, at })).toBe('genuine')
  })

  it('of Shopify and Stripe: the HMAC that their documentation describes', () => {
    const base64 = createHmac('sha256', secret).update(body).digest('base64')
    expect(sign(shopify)['x-shopify-hmac-sha256']).toBe(base64)
    const hex = createHmac('sha256', secret).update(`1614265330.${body}`).digest('hex')
    expect(sign(stripe)['stripe-signature']).toBe(`t=1614265330,v1=${hex}`)
  })

  it('of Standard Webhooks', () => {
    const { id, payload, signature, timestamp } = vectors.known_answer
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signature,
    }
    const sent = {
      scheme: standard,
      headers,
      rawBody: Buffer.from(payload),
      secrets: [vectors.secret],
    }
    expect(verdict({ ...sent, at: timestamp * 1_000 })).toBe('genuine')
    expect(
      verdict({ ...sent, at: timestamp * 1_000, secrets: [secret.replace('whsec_', '')] }),
    ).toBe('genuine')
  })
})

describe('Standard Webhooks, beside its own library', () => {
  const oracle = new Webhook(secret)
  const real = Date.now()
  const signedBy = (id: string, payload: string) => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(real / 1_000)),
    'webhook-signature': oracle.sign(id, new Date(real), payload),
  })

  it('takes what the library signs, and signs what it takes', () => {
    const payload = fc.jsonValue().map((value) => JSON.stringify(value))
    fc.assert(
      fc.property(payload, fc.base64String({ minLength: 1, maxLength: 40 }), (text, id) => {
        const rawBody = Buffer.from(text)
        const headers = signedBy(id, text)
        expect(verdict({ scheme: standard, headers, rawBody, at: real })).toBe('genuine')
        const ours = signWebhook(standard, { secret, body: text, now: real, id })
        expect(oracle.verify(text, { ...ours })).toEqual(JSON.parse(text))
      }),
    )
  })

  it('takes a valid signature among others, and an empty body that was signed', () => {
    const headers = signedBy('msg_2', '')
    const others = `v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,abc ${headers['webhook-signature']}`
    const sent = { scheme: standard, rawBody: Buffer.alloc(0), at: real }
    expect(verdict({ ...sent, headers: { ...headers, 'webhook-signature': others } })).toBe(
      'genuine',
    )
  })

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])(
    'refuses without %s',
    (name) => {
      const { [name as 'webhook-id']: _left, ...headers } = signedBy('msg_3', 'x')
      const sent = { scheme: standard, rawBody: Buffer.from('x'), at: real }
      expect(verdict({ ...sent, headers: headers as Record<string, string> })).toBe('invalid')
    },
  )
})
