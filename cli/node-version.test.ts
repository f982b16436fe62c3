import { expect, it } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { refusalOfNode } from './node-version.ts'

it.each(['18.20.0', '20.19.5', '22.17.1'])('Node %s is refused with one line', (version) => {
  expect(refusalOfNode(version)).toBe(`holdfast needs Node.js 22.18 or newer; this is ${version}.`)
})

it.each(['22.18.0', '24.21.0', '26.10.0'])('Node %s is taken', (version) => {
  expect(refusalOfNode(version)).toBeUndefined()
})

it('the oldest is the one that package.json admits', () => {
  const version = manifest.engines.node.replace('>=', '')
  expect(refusalOfNode(version)).toBeUndefined()
})
