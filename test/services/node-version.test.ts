import { expect, it } from 'vitest'
import { requireNode } from './node-version.ts'

it.each(['20.20.2', '22.17.9', '22.0.0', '18.99.0'])('Node.js %s is refused by name', (version) => {
  expect(() => requireNode(version)).toThrow(`This is Node.js ${version}`)
})

it.each(['22.18.0', '22.19.1', '23.0.0', '24.21.0'])('Node.js %s is accepted', (version) => {
  expect(() => requireNode(version)).not.toThrow()
})
