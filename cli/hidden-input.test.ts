import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { askHidden } from './hidden-input.ts'

function keyboard() {
  const input = new PassThrough()
  const output = new PassThrough()
  return { input, output, seen: () => String(output.read()) }
}

it('a line that is asked for in secret is not shown', async () => {
  const { input, output, seen } = keyboard()
  const answer = askHidden({ input, output }, 'Password: ')
  input.write('plum-Tractor\x7fR-92\r')
  expect(await answer).toBe('plum-TractoR-92')
  expect(seen()).toBe('Password: \n')
})

it.each([
  ['Ctrl-C', '\x03'],
  ['Ctrl-D', '\x04'],
])('%s gives up', async (_, key) => {
  const { input, output } = keyboard()
  const answer = askHidden({ input, output }, 'Password: ')
  input.write(key)
  await expect(answer).rejects.toThrow('Nothing was entered')
})
