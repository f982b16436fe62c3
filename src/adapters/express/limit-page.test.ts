import express from 'express'
import { expect, it } from 'vitest'
import { behindTls, listen, openKit } from '../../../test/adapters/site.ts'
import { listener } from '../node/index.ts'
import type { ExpressSecurity } from './index.ts'

const browser = {
  ...behindTls.headers,
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
}

const adapters = {
  express: (security: ExpressSecurity) => {
    const app = security.protect(express())
    app.get('/shop', security.open(), (_request, response) => void response.send('shop'))
    return app
  },
  node: (security: ExpressSecurity) =>
    listener(security, (_request, response) => void response.end('shop')),
}

it.each(Object.keys(adapters) as (keyof typeof adapters)[])(
  'a browser over the general limit gets a page, a program problem+json: %s',
  async (name) => {
    const limits = { general: { points: 1, window: '15m' } } as const
    const address = { baseUrl: 'https://app.example.com', mode: 'production' } as const
    const live = { ...behindTls.options, ...address }
    const kit = await openKit({ ...live, limits, mail: { language: 'de' } })
    const site = await listen(adapters[name](kit.security))
    expect((await site.fetch('/shop', { headers: behindTls.headers })).status).toBe(200)

    const asked = [
      await site.fetch('/shop', { headers: browser }),
      await site.fetch('/account/sign-in', { headers: behindTls.headers }),
      await site.fetch('/account/sign-in', { method: 'POST', headers: browser }),
    ]
    for (const { headers, status, text } of asked) {
      expect(status).toBe(429)
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(headers.get('retry-after')).toBe('900')
      expect(text).toContain('<html lang="de"')
      const nonce = /<style nonce="([^"]+)">/.exec(text)?.[1]
      expect(headers.get('content-security-policy')).toContain(`'nonce-${nonce}'`)
    }
    for (const path of ['/shop', '/auth/me', '/accounts']) {
      const { headers, json, status } = await site.fetch(path, { headers: behindTls.headers })
      expect([status, headers.get('content-type')]).toEqual([429, 'application/problem+json'])
      expect(json).toMatchObject({ code: 'rate_limited', retryAfter: 900 })
    }
    await site.stop()
    await kit.close()
  },
)
