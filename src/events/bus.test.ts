import { expect, it } from 'vitest'
import { eventDefinitions } from '../composition/index.ts'
import { silentLogger } from '../ports/index.ts'
import { EventBus, type RecordedEvent } from './index.ts'

const event = {
  name: 'user.created',
  id: 'id',
  at: 1,
  outcome: 'success',
  actor: { kind: 'code' },
  payload: { userId: 'one' },
} as RecordedEvent

function newBus() {
  const lines: string[] = []
  const error = (message: string) => void lines.push(message)
  return { lines, bus: new EventBus(eventDefinitions, { ...silentLogger, error }) }
}

it('a listener hears its event until it ends the subscription', () => {
  const { bus } = newBus()
  const heard: string[] = []
  const end = bus.on('user.created', ({ payload }) => void heard.push(payload.userId))
  bus.on('user.disabled', () => void heard.push('other'))
  bus.emit(event)
  end()
  bus.emit(event)
  expect(heard).toEqual(['one'])
})

it('a listener that throws or rejects is logged and keeps nobody else from hearing', async () => {
  const { bus, lines } = newBus()
  let heard = 0
  bus.on('user.created', () => {
    throw new Error('one')
  })
  bus.on('user.created', () => Promise.reject(new Error('two')))
  bus.on('user.created', () => void heard++)
  bus.emit(event)
  await expect.poll(() => lines).toHaveLength(2)
  expect(heard).toBe(1)
})

it.each(['user.create', 'user.createt', 'toString', '__proto__', 'nothing.like.it'])(
  'no event is named %s, and the error says which ones there are',
  (name) => {
    const { bus } = newBus()
    let thrown: Error | undefined
    try {
      bus.on(name as 'user.created', () => {})
    } catch (error) {
      thrown = error as Error
    }
    expect(thrown).toMatchObject({ code: 'unknown_event' })
    expect(`${thrown?.message} ${thrown?.cause}`).toMatch(
      name.startsWith('user.create') ? /did you mean 'user\.created'/ : /known events: /,
    )
  },
)

it('every event says which members of its payload reach the record, and none of them is secret', () => {
  for (const [name, { keep }] of Object.entries(eventDefinitions)) {
    expect(keep.length, name).toBeGreaterThan(0)
    for (const member of keep) expect(member, name).not.toMatch(/password|token|secret|cookie/i)
  }
})
