import { hash } from 'node:crypto'
import type { ValkeyClient } from './valkey-client.ts'

/** A script that the server runs as one step: nobody reads or writes between its lines. */
export class Script {
  readonly #lua: string
  readonly #sha: string

  constructor(lua: string) {
    this.#lua = lua
    this.#sha = hash('sha1', lua)
  }

  /** Sends its digest, and its text once to a server that does not know it. A refused digest ran nothing. */
  async run(
    client: ValkeyClient,
    key: string,
    parameters: readonly (string | number)[],
  ): Promise<unknown> {
    try {
      return await client.evalsha(this.#sha, 1, key, ...parameters)
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return client.eval(this.#lua, 1, key, ...parameters)
    }
  }
}

/**
 * Takes points if enough are left: KEYS[1]; points, limit, points used elsewhere, now, end of a window
 * that begins now, horizon, block or 0, and for how long a key outlives its window; instants and
 * durations in milliseconds. Answers whether they were taken, the points used, and the end. The whole
 * decision is this script: read and write cannot be parted.
 */
export const consumeScript = new Script(`
local points, limit, elsewhere = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now, ends, horizon = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local block, keep = tonumber(ARGV[7]), tonumber(ARGV[8])
local row = redis.call('HMGET', KEYS[1], 'used', 'ends', 'blocked')
local used, open, blocked = 0, tonumber(row[2]), false
if open and open > now and open <= horizon then
  used, ends, blocked = tonumber(row[1]), open, row[3] == '1'
else
  open = nil
end
local function write(count, until_, state)
  local whole = string.format('%.0f', until_)
  redis.call('HSET', KEYS[1], 'used', count, 'ends', whole, 'blocked', state)
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', until_ - now + keep))
end
if blocked then
  return {0, limit, ends}
end
if used + elsewhere + points <= limit then
  write(used + points, ends, '0')
  return {1, used + points, ends}
end
if block > 0 and (open or elsewhere > 0) then
  ends = now + block
  write(used, ends, '1')
end
return {0, limit, ends}
`)

/** Gives points back to the window that ends at a time, to no other: KEYS[1]; points, end. */
export const refundScript = new Script(`
local row = redis.call('HMGET', KEYS[1], 'used', 'ends', 'blocked')
local points = tonumber(ARGV[1])
if row[2] ~= ARGV[2] or row[3] ~= '0' or tonumber(row[1]) < points then
  return 0
end
redis.call('HINCRBY', KEYS[1], 'used', -points)
return 1
`)
