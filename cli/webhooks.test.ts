import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { verifyWebhook, type WebhookOutcome } from '../src/webhooks/index.ts'
import { openCommandLine } from '../test/command-line.ts'
import { webhookSecret } from '../test/webhook-bench.ts'

const shell = openCommandLine()
const { json, type } = shell
const body = `{"id":"evt_1","note":"O'Brien — 日本"}\n`

let server: Server | undefined
afterEach(() => {
  server?.close()
  server = undefined
})

/** A receiver that verifies by the room itself. */
async function receiver(provider: 'shopify' | 'stripe') {
  const outcomes: WebhookOutcome[] = []
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const sent = { headers: request.headers, rawBody: Buffer.concat(chunks), now: Date.now() }
    const outcome = await verifyWebhook(provider, { secrets: [webhookSecret] }, sent)
    outcomes.push(outcome)
    response.statusCode = outcome.status === 'verified' ? 200 : 401
    response.end(outcome.status)
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server?.once('listening', resolve))
  return { outcomes, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` }
}

describe('webhooks', { timeout: 60_000 }, () => {
  it.each(['shopify', 'stripe'] as const)(
    'send signs as %s does, with the bytes of the file',
    async (provider) => {
      const { outcomes, url } = await receiver(provider)
      const [data, secret] = [join(shell.cwd, 'order.json'), join(shell.cwd, 'secret')]
      writeFileSync(data, body)
      writeFileSync(secret, `${webhookSecret}\n`)
      const options = `--provider ${provider} --secret-file ${secret} --topic orders/create --data ${data}`
      expect(await type(`webhooks send ${url} ${options} --id w-1`)).toMatchObject({
        ...{ code: 0, out: '200 verified' },
      })
      const [outcome] = outcomes
      expect(outcome?.status === 'verified' && outcome.delivery.rawBody.toString()).toBe(body)
      writeFileSync(secret, 'another secret that nobody shares')
      const refused = await type(`webhooks send ${url} ${options}`)
      expect(refused).toMatchObject({ code: 1, out: '401 refused' })
      expect(refused.out + refused.err).not.toContain('nobody shares')
    },
  )

  it('send finds the secret in .env, where the environment has none', async () => {
    const { url } = await receiver('shopify')
    writeFileSync(join(shell.cwd, 'order.json'), body)
    const env = join(shell.cwd, '.env')
    writeFileSync(env, `SHOPIFY_WEBHOOK_SECRET=${webhookSecret}\n`, { mode: 0o600 })
    const send = `webhooks send ${url} --provider shopify --secret-env SHOPIFY_WEBHOOK_SECRET --topic orders/create --data ${join(shell.cwd, 'order.json')}`
    expect(await type(send)).toMatchObject({ code: 0, out: '200 verified', err: '' })
    shell.env = { ...shell.env, SHOPIFY_WEBHOOK_SECRET: 'another secret that nobody shares' }
    expect(await type(send)).toMatchObject({ code: 1, out: '401 refused' })
  })

  it('send takes no secret among the arguments, and says what is missing', async () => {
    const data = join(shell.cwd, 'order.json')
    writeFileSync(data, body)
    const send = `webhooks send http://127.0.0.1:1/hook --data ${data}`
    expect(await type(`${send} --provider shopify`)).toMatchObject({
      ...{ code: 2, err: expect.stringContaining('--secret-file FILE or --secret-env NAME') },
    })
    expect(await type(`${send} --provider shopify --secret x`)).toMatchObject({ code: 2 })
    expect(await type(`${send} --provider shopfy`)).toMatchObject({ code: 2 })
    expect(await type(`${send} --provider shopify --secret-env NONE`)).toMatchObject({
      ...{ code: 1, err: expect.stringContaining('no secret in NONE') },
    })
    expect((await type('webhooks send ftp://x --provider shopify --data x')).code).toBe(2)
  })

  it('list shows what there is, and retry what there is not', async () => {
    expect(await type('webhooks list')).toMatchObject({ code: 0, out: 'No deliveries.' })
    expect(await json('webhooks list --state failed')).toEqual([])
    expect((await type('webhooks list --state lost')).code).toBe(2)
    expect((await type('webhooks list --limit 0')).code).toBe(2)
    expect(await type('webhooks retry nothing')).toMatchObject({
      ...{ code: 1, err: expect.stringContaining('no delivery of this id') },
    })
  })
})
