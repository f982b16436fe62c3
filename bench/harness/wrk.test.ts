import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeScript } from './wrk.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-wrk-'))
const file = join(folder, 'load.lua')
afterAll(() => rmSync(folder, { recursive: true }))

describe('the script of a load', () => {
  it('sends each request with its own headers and body', () => {
    writeScript(file, [
      { path: '/orders', headers: { authorization: 'Bearer a' } },
      { method: 'POST', path: '/auth/login', headers: {}, body: '{"password":"x"}' },
    ])
    const script = readFileSync(file, 'utf8')
    expect(script).toContain(
      'wrk.format("GET", "/orders", {["authorization"]="Bearer a",["x-forwarded-proto"]="https"}, nil),',
    )
    expect(script).toContain(String.raw`{["x-forwarded-proto"]="https"}, "{\"password\":\"x\"}"),`)
  })

  it('refuses text that Lua would read differently', () => {
    expect(() => writeScript(file, [{ path: '/caf\u00e9', headers: {} }])).toThrow(RangeError)
  })
})
