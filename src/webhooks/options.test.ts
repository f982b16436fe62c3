import { describe, expect, it } from 'vitest'
import { webhookSecret } from '../../test/webhook-bench.ts'
import { type CustomWebhook, customWebhook } from './custom.ts'
import type { WebhookOptions } from './options.ts'
import { signWebhook } from './sign.ts'
import { schemeOf, verifyWebhook, Webhooks } from './webhooks.ts'

/** Webhooks of a security that does not run yet. */
function newWebhooks(): Webhooks {
  const deliveries = (): never => {
    throw new Error('not running')
  }
  return new Webhooks({ clock, handled: new Map(), deliveries, whenRunning: () => {} })
}

const secrets = [webhookSecret]

function define(provider: string, options: object, handler: (() => void) | undefined = () => {}) {
  const webhooks = newWebhooks()
  try {
    webhooks.define(provider as 'shopify', options as WebhookOptions, handler)
    return 'fine'
  } catch (error) {
    return (error as Error).message
  }
}
const clock = {
  now: () => 0,
  monotonic: () => 0,
  after: () => ({ cancel: () => {} }),
}

describe('a webhook is not set up', () => {
  it.each([
    ['shopify', { secrets: [undefined] }, 'is missing: is the environment variable'],
    ['shopify', { secrets: [''] }, 'is missing'],
    ['shopify', { secrets: [] }, 'one to 3'],
    ['shopify', { secrets: Array(4).fill(webhookSecret) }, 'one to 3'],
    ['shopify', { secrets: ['changeme-changeme-changeme'] }, 'known example'],
    ['shopify', { secrets: ['hush'] }, 'too short: 4 bytes, and 16 are needed'],
    ['shopify', { secrets: ['abababababababababab'] }, 'follows a pattern'],
    ['shopify', { secrets: [`${webhookSecret}\n`] }, 'line end'],
    ['standard', { secrets: ['not base64 at all, is it?'] }, 'not base64'],
    ['shopify', { secrets: [webhookSecret, 'hush'] }, 'secrets[1]'],
    ['shopfy', { secrets }, 'shopify, stripe, github, slack, standard'],
    ['shopify', { secrets, window: '3 minutes' }, 'window is a duration'],
    ['shopify', { secrets, keep: '1d' }, 'keep is a duration'],
    ['shopify', { secrets, timeout: '10m' }, 'timeout is a duration'],
    ['shopify', { secrets, maxBytes: '1gb' }, 'maxBytes is a size'],
    ['shopify', { secrets, attempts: 0 }, 'attempts is 1 to 50'],
    ['shopify', { secrets, name: 'My Shop' }, 'name is a word'],
    ['shopify', { secrets, secret: 'x' }, 'no option secret'],
  ])('for %s with %j', (provider, options, fault) => {
    const message = define(provider, options)
    expect(message).toContain(fault)
    for (const secret of (options as WebhookOptions).secrets) {
      if (secret) expect(message).not.toContain(secret)
    }
  })

  it('without a handler, or inline with one', () => {
    expect(define('shopify', { secrets }, undefined as never)).toBe('fine')
    expect(define('shopify', { secrets, mode: 'inline' })).toContain('is inline')
  })

  it('twice under one name', () => {
    const webhooks = newWebhooks()
    expect(() => webhooks.define('shopify', { secrets })).toThrow(
      "needs a handler, or the option mode: 'inline'",
    )
    webhooks.define('shopify', { secrets }, () => {})
    expect(() => webhooks.define('shopify', { secrets }, () => {})).toThrow('set up twice')
    expect(() => webhooks.receive('stripe', { headers: {}, rawBody: Buffer.alloc(0) })).toThrow(
      'is not set up',
    )
  })
})

describe('a custom provider is not described', () => {
  const depot: CustomWebhook = { name: 'depot', header: 'X-Sig', encoding: 'hex' }
  it.each([
    [{ name: 'My Depot' }, 'name is a word'],
    [{ name: 'github' }, 'known already'],
    [{ header: 'X Sig' }, 'headers are names'],
    [{ algorithm: 'md5' }, "'sha256' or 'sha512'"],
    [{ encoding: 'hexx' }, "'hex' or 'base64'"],
    [{ content: '{timestamp}', timestamp: 'x-time' }, 'lacks {body}'],
    [{ content: '{body}', timestamp: 'x-time' }, 'else it could be changed'],
    [{ content: '{timestamp}{body}' }, 'else it could be changed'],
    [{ content: '{id}{body}' }, 'id names no header'],
    [{ bodies: [] }, 'bodies is'],
  ])('by %j', (change, fault) => {
    expect(() => customWebhook({ ...depot, ...change } as CustomWebhook)).toThrow(fault)
    expect(customWebhook(depot)).toMatchObject({ content: '{body}', signature: { name: 'x-sig' } })
  })
})

describe('verifyWebhook', () => {
  const now = 1_700_000_000_000
  const body = '{"id":"evt_1","type":"invoice.paid"}'
  const signed = (text: string, type = 'application/json') => ({
    rawBody: Buffer.from(text),
    now,
    headers: {
      ...signWebhook(schemeOf('slack'), { secret: webhookSecret, body: text, now }),
      'content-type': type,
    },
  })
  const statusOf = async (
    request: Parameters<typeof verifyWebhook>[2],
    maxBytes = '1kb' as const,
  ) => {
    const outcome = await verifyWebhook('slack', { secrets, maxBytes }, request)
    return outcome.status === 'refused'
      ? `${outcome.error.status} ${outcome.error.code}`
      : outcome.status
  }

  it('takes headers of fetch as well', async () => {
    const headers = new Headers(
      signWebhook(schemeOf('stripe'), { secret: webhookSecret, body, now }),
    )
    const outcome = await verifyWebhook(
      'stripe',
      { secrets },
      { headers, rawBody: Buffer.from(body), now },
    )
    expect(outcome).toMatchObject({
      status: 'verified',
      delivery: { id: 'evt_1', topic: 'invoice.paid', provider: 'stripe' },
    })
  })

  it('answers what is wrong with its status and code', async () => {
    const form = 'application/x-www-form-urlencoded'
    expect(await statusOf(signed(body))).toBe('verified')
    expect(await statusOf(signed('a=1&b=%27', form))).toBe('verified')
    expect(await statusOf({ ...signed(body), rawBody: Buffer.from(`${body} `) })).toBe(
      '401 webhook_signature_invalid',
    )
    expect(await statusOf({ ...signed(body), now: now + 301_000 })).toBe('401 webhook_expired')
    expect(await statusOf(signed('x'.repeat(1_025)))).toBe('413 body_too_large')
    expect(await statusOf(signed(body, 'text/plain'))).toBe('415 unsupported_media_type')
    expect(await statusOf(signed('{"a":1,"a":2}'))).toBe('400 duplicate_key')
    expect(await statusOf(signed('{"__proto__":{}}'))).toBe('400 forbidden_key')
    expect(await statusOf(signed('{"id":9007199254740993}'))).toBe('400 unsafe_number')
    expect(await statusOf(signed('{'))).toBe('400 malformed_json')
  })

  it('says nothing about a payload to whoever did not sign it', async () => {
    const forged = { ...signed('{'), headers: { 'content-type': 'application/json' } }
    expect(await statusOf(forged)).toBe('401 webhook_signature_invalid')
  })

  it('reads the JSON that GitHub and Slack put into a form', async () => {
    const payload = JSON.stringify({ type: 'block_actions', text: "it's é" })
    const text = `payload=${encodeURIComponent(payload)}`
    const request = signed(text, 'application/x-www-form-urlencoded')
    const outcome = await verifyWebhook('slack', { secrets }, request)
    expect(outcome).toMatchObject({
      delivery: { payload: JSON.parse(payload), topic: 'block_actions' },
    })
  })

  it('answers the question of Slack whether the address is yours', async () => {
    const asked = signed('{"type":"url_verification","challenge":"3eZbrw1a"}')
    expect(await verifyWebhook('slack', { secrets }, asked)).toEqual({
      status: 'challenged',
      challenge: '3eZbrw1a',
    })
  })
})
