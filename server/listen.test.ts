import { Agent, request } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { systemClock } from '../src/ports/index.ts'
import { type Listening, listen } from './listen.ts'

const options = { port: 0, host: '127.0.0.1', drainMs: 5_000, clock: systemClock }
const open: Listening[] = []
const agent = new Agent({ keepAlive: true })

afterEach(async () => {
  agent.destroy()
  await Promise.all(open.splice(0).map((one) => one.stop()))
})

async function start(...parameters: Parameters<typeof listen>): Promise<Listening> {
  const listening = await listen(...parameters)
  open.push(listening)
  return listening
}

function get(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', agent }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })
}

it('a request that has begun is answered whole after the server was told to stop', async () => {
  let finish = () => {}
  const begun = Promise.withResolvers<void>()
  const { port, stop } = await start((_request, response) => {
    response.write('first, ')
    finish = () => response.end('last')
    begun.resolve()
  }, options)
  const answer = get(port)
  await begun.promise
  const stopped = stop()
  await expect(get(port)).rejects.toThrow()
  finish()
  expect(await answer).toBe('first, last')
  await stopped
})

it('connections kept alive do not hold the server open', async () => {
  const { port, stop } = await start((_request, response) => response.end('ok'), options)
  expect(await get(port)).toBe('ok')
  await stop()
  await stop()
})

it('a request without end is cut off when its time is up', async () => {
  const begun = Promise.withResolvers<void>()
  const { port, stop } = await start(() => begun.resolve(), { ...options, drainMs: 1 })
  const answer = get(port)
  await begun.promise
  const [result] = await Promise.allSettled([answer, stop()])
  expect(result.status).toBe('rejected')
})

it('an address that is taken is refused with the fix', async () => {
  const { port } = await start(() => {}, options)
  await expect(listen(() => {}, { ...options, port })).rejects.toThrow('Set PORT to a free one')
  await expect(listen(() => {}, { ...options, host: '203.0.113.1' })).rejects.toThrow('Set HOST')
})
