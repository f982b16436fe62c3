import { randomBytes } from 'node:crypto'
import type { RequestHandler } from 'express'
import { describe, expect, it } from 'vitest'
import { captchaWidgets } from '../src/captcha/index.ts'
import { eventDefinitions } from '../src/composition/index.ts'
import { resolveConfig } from '../src/config/index.ts'
import { loginAnswer } from '../src/contract.ts'
import { compileCsp } from '../src/shield/headers-csp.ts'
import { delayAfter } from '../src/throttle/index.ts'
import { openKit, password, serve } from './adapters/site.ts'
import { page, rows } from './guide-kit.ts'

const required = {
  baseUrl: 'https://app.example.com',
  masterKey: randomBytes(32).toString('base64url'),
}

it('sign-in-from-your-front-end.md sends people without a session to the page, and back', async () => {
  const guide = page('docs/guides/sign-in-from-your-front-end.md')
  const code = /```js\n(const page = .*?)```/s.exec(guide)?.[1] ?? ''
  const kit = await openKit()
  const showOrders: RequestHandler = (_request, response) => void response.send('yours')
  const site = await serve(kit, (app, security) => {
    new Function('app', 'security', 'showOrders', code)(app, security, showOrders)
  })
  const { bearer } = await kit.person('manager')
  const headers = async (init = {}) => {
    const answer = await site.fetch('/orders?year=2026', init)
    return [answer.status, answer.headers.get('location'), answer.text]
  }
  expect((await headers()).slice(0, 2)).toEqual([
    303,
    '/account/sign-in?next=%2Forders%3Fyear%3D2026',
  ])
  expect(await headers({ headers: bearer })).toEqual([200, null, 'yours'])
  const { bearer: guest } = await kit.person('guest')
  expect((await headers({ headers: guest }))[0]).toBe(403)
  await site.stop()
  await kit.close()
})

it('sign-in-from-your-front-end.md switches on every status that a sign-in can have', async () => {
  const guide = page('docs/guides/sign-in-from-your-front-end.md')
  const code = /```js\n(async function signIn.*?)```/s.exec(guide)?.[1] ?? ''
  const statuses = loginAnswer.options.map(({ shape }) => [...shape.status.values][0])
  expect(rows(guide, '| HTTP | `status`').flatMap((cells) => cells[2] ?? [])).toEqual(
    expect.arrayContaining(statuses),
  )
  for (const status of statuses) expect(code).toContain(`case '${status}':`)
  const kit = await openKit()
  const site = await serve(kit, () => {})
  const { email } = await kit.person('guest')
  const ask = (path: string, init: RequestInit) =>
    fetch(`http://127.0.0.1:${site.port}${path}`, init)
  const signIn = new Function('fetch', `${code};return signIn`)(ask)
  expect(await signIn({ email, password })).toMatchObject({ user: { email } })
  await kit.security.signUp.register({ email: 'new@example.com', password }, {}, 'test')
  expect((await signIn({ email: 'new@example.com', password })).tell).toMatch(/^Confirm/)
  for (let turn = 0; turn < 3; turn++) {
    expect((await signIn({ email, password: 'wrong' })).tell).toMatch(/wrong/)
  }
  expect(await signIn({ email, password })).toMatchObject({ solve: { algorithm: 'SHA-256' } })
  await site.stop()
  await kit.close()
})

describe('ask-for-a-captcha.md', () => {
  const guide = page('docs/guides/ask-for-a-captcha.md')
  const block = (start: string) =>
    new RegExp(`\`\`\`js\\n(${start}.*?)\`\`\``, 's').exec(guide)?.[1] ?? ''

  it('its front end signs in after failures, with the proof that is asked for', async () => {
    const kit = await openKit({ captcha: { work: 2_000 } })
    const site = await serve(kit, () => {})
    const { email } = await kit.person('guest')
    const base = `http://127.0.0.1:${site.port}`
    const ask = (path: string, init: RequestInit) => fetch(base + path, init)
    const signIn = new Function('fetch', `${block('async function signIn')};return signIn`)(ask)
    const wrong = { identifier: email, password: 'wrong', transport: 'body' }
    for (let turn = 0; turn < 4; turn++) {
      expect(await signIn(wrong)).toMatchObject({ code: 'invalid_credentials' })
    }
    const { status } = await signIn({ ...wrong, password })
    expect(status).toBe('signed_in')
    await site.stop()
    await kit.close()
  })

  it('allows what the widgets need', () => {
    const directives = new Function(`${block('const directives')};return directives`)()
    const widgets = Object.entries(captchaWidgets)
    expect(widgets.map(([name]) => name)).toEqual(Object.keys(directives))
    for (const [name, { contentSources }] of widgets) {
      expect(directives[name]).toEqual(contentSources)
      expect(() => compileCsp(contentSources)).not.toThrow()
    }
  })
})

describe('withstand-guessing.md', () => {
  const guide = page('docs/guides/withstand-guessing.md')

  it('says rightly how long a lane closes, and how many guesses there are', () => {
    const table = guide.slice(guide.indexOf('| guess in a row')).split('\n\n')[0] ?? ''
    const said = [...table.matchAll(/^\| (\d+)[^|]*\| `(\d+)` s \|$/gm)]
    expect(said.length).toBe(7)
    for (const [, guess, seconds] of said) {
      expect(delayAfter(Number(guess))).toBe(Number(seconds) * 1_000)
    }
    expect(delayAfter(4)).toBe(0)
    expect(delayAfter(99)).toBe(delayAfter(15))
    const { lockout } = resolveConfig({ ...required })
    expect(guide).toContain(`strangers have \`${lockout.guesses}\` guesses`)
  })

  it('shows a strict lockout that the options take, and names events that there are', () => {
    const block = /```ts\nconst options = (.*?) as const\n```/s.exec(guide)?.[1] ?? ''
    const options = new Function(`return ${block}`)()
    const { lockout } = resolveConfig({ ...required, ...options })
    expect(lockout).toMatchObject({ mode: 'strict', attempts: 5, durationMs: 900_000 })
    const events = rows(guide, '| event |').map((cells) => cells[0]?.[0] ?? cells[1]?.[0])
    expect(events.length).toBe(7)
    for (const name of events) expect(Object.keys(eventDefinitions)).toContain(name)
  })
})
