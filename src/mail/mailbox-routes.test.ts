import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { type Answer, type Call, type Exchange, newExchangeState } from '../http/index.ts'
import { DevelopmentMailbox } from './mailbox.ts'
import { mailboxRoutes } from './mailbox-routes.ts'

interface Asked {
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly peer?: string
  readonly to?: string
  readonly nonce?: string
}

async function mailboxWith(...subjects: string[]): Promise<DevelopmentMailbox> {
  const mailbox = new DevelopmentMailbox({ clock: new ManualClock(0) })
  for (const subject of subjects) {
    const text = `${subject} https://shop.example/v?a=1&t="x`
    const html = `<script>alert(1)</script>${subject}`
    const messageId = `<${subject}"@x>`
    await mailbox.send({
      messageId,
      from: 'a@b.example',
      to: `${subject}@c.example`,
      subject,
      text,
      html,
    })
  }
  return mailbox
}

async function ask(mailbox: DevelopmentMailbox, asked: Asked = {}): Promise<Answer> {
  const [route] = mailboxRoutes(mailbox)
  const state = newExchangeState()
  if (asked.nonce !== undefined) state.nonce = asked.nonce
  const exchange: Exchange = {
    method: 'GET',
    path: '/dev/mailbox',
    query: '',
    headers: { host: 'localhost:3000', ...asked.headers },
    peerAddress: asked.peer ?? '127.0.0.1',
    encrypted: false,
    requestId: 'r',
    startedAt: 0,
    readBody: async () => new Uint8Array(),
    state,
  }
  const query = asked.to === undefined ? {} : { to: asked.to }
  const call = { body: undefined, query, params: {}, exchange, auth: undefined }
  if (!route) throw new Error('no route')
  return route.handle(call as unknown as Call<never, never, never>)
}

describe('the mailbox page', () => {
  it.each([
    ['localhost:3000', '127.0.0.1'],
    ['LOCALHOST', '::1'],
    ['127.0.0.1:8080', '::ffff:127.0.0.1'],
    ['127.0.0.1', '127.8.9.10'],
  ])('answers Host %s from %s', async (host, peer) => {
    expect((await ask(await mailboxWith('S'), { headers: { host }, peer })).status).toBe(200)
  })

  it.each([
    ['another Host', { headers: { host: 'evil.example' } }],
    ['a rebound name', { headers: { host: 'localhost.evil.example' } }],
    ['a Host with userinfo', { headers: { host: 'localhost@evil.example' } }],
    ['a Host without a proper port', { headers: { host: 'localhost:evil' } }],
    ['no Host', { headers: { host: '' } }],
    ['two Hosts', { headers: { host: ['localhost', 'evil.example'] } }],
    ['IPv6 Host', { headers: { host: '[::1]:3000' } }],
    ['a peer elsewhere', { peer: '192.0.2.1' }],
    ['a mapped peer elsewhere', { peer: '::ffff:192.0.2.1' }],
    ['a peer without an address', { peer: '' }],
    ['Forwarded', { headers: { forwarded: 'for=192.0.2.1' } }],
    ['X-Forwarded-For', { headers: { 'x-forwarded-for': '127.0.0.1' } }],
    ['X-Forwarded-Host', { headers: { 'x-forwarded-host': 'localhost' } }],
    ['an empty X-Forwarded-Proto', { headers: { 'x-forwarded-proto': '' } }],
    ['X-Real-IP', { headers: { 'X-Real-IP': '127.0.0.1' } }],
    ['Via', { headers: { via: '1.1 proxy' } }],
    ['CF-Connecting-IP', { headers: { 'cf-connecting-ip': '127.0.0.1' } }],
  ] satisfies [string, Asked][])('is not there for %s', async (_title, asked) => {
    const mailbox = await mailboxWith('S')
    await expect(ask(mailbox, asked)).rejects.toMatchObject({ code: 'not_found', status: 404 })
  })

  it('is a bare JSON array for programs, filtered by recipient', async () => {
    const headers = { accept: 'application/json' }
    const answer = await ask(await mailboxWith('one', 'two'), { headers, to: 'one@c.example' })
    expect(answer.json).toMatchObject([{ subject: 'one', to: 'one@c.example', at: 0 }])
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' })
  })

  it('is HTML for browsers', async () => {
    const headers = { accept: 'text/html,application/xhtml+xml,application/json;q=0.1,*/*' }
    const answer = await ask(await mailboxWith('one'), { headers })
    expect(answer.html).toContain('<h2>one</h2>')
    expect(answer.json).toBeUndefined()
  })

  it('shows nothing of a mail as markup, and has no scripts', async () => {
    const hostile = `"><img src=x onerror=alert(1)><script>`
    const page = (await ask(await mailboxWith(hostile))).html ?? ''
    expect(page).not.toMatch(/<(script|img)/i)
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page.match(/<a [^>]*>/g)).toEqual([
      '<a href="https://shop.example/v?a=1&amp;t=" rel="noreferrer">',
    ])
  })

  it('has its style only under the nonce of the policy', async () => {
    const mailbox = await mailboxWith('one')
    expect((await ask(mailbox)).html).not.toContain('<style')
    expect((await ask(mailbox, { nonce: 'abc' })).html).toContain('<style nonce="abc">')
    expect((await ask(mailbox, { nonce: 'abc' })).html).not.toContain(' style="')
  })
})
