import { BlockList } from 'node:net'
import type { Exchange, Security } from 'holdfast'
import { openHoldfast } from './holdfast.ts'
import type { Loop, Loops } from './main.ts'

const many = 100_000

/** One look-up of an address among rules; half of those asked are in one. */
export const loops: Loops = {
  'no rule': () => ours(0),
  'Holdfast, 100 rules': () => ours(100),
  'Holdfast, 100,000 rules': () => ours(many),
  'BlockList, 100 rules': () => blockList(100),
  'BlockList, 100,000 rules': () => blockList(many),
}

interface Watched {
  readonly ground: { readonly addressWatch: { judge(exchange: Exchange): unknown } }
}

/** Spread over the space, /24 each, and no two alike. */
function networkOf(at: number): string {
  const spread = (at * 104_729) % 11_000_000
  return `${11 + Math.floor(spread / 65_536)}.${(spread >>> 8) & 255}.${spread & 255}`
}

function inTurn(rules: number): () => string {
  const asked = Array.from({ length: 10_000 }, (_, at) => {
    return at % 2 === 0
      ? `${networkOf((at * 31) % Math.max(rules, 1))}.7`
      : `10.${at & 255}.3.${at % 251}`
  })
  let at = 0
  return () => {
    at = at + 1 === asked.length ? 0 : at + 1
    return asked[at] ?? ''
  }
}

async function ours(rules: number): Promise<Loop> {
  const { close, security } = await openHoldfast()
  const lines = Array.from({ length: rules }, (_, at) => `${networkOf(at)}.0/24`)
  await security.ipRules.import({ action: 'deny', lines })
  const { addressWatch } = (security as Security & { readonly parts: Watched }).parts.ground
  const next = inTurn(rules)
  const state: { client?: { ip: string; key: string } } = {}
  const exchange = { method: 'GET', path: '/orders', state } as unknown as Exchange
  await addressWatch.judge(exchange)
  let refused = 0
  let allowed = 0
  return {
    run() {
      const ip = next()
      state.client = { ip, key: ip }
      if (addressWatch.judge(exchange) === undefined) allowed += 1
      else refused += 1
      return undefined
    },
    // Without a rule there is nothing to refuse.
    ...(rules > 0 ? { decisions: () => ({ 'ip rules': { allowed, refused } }) } : {}),
    close,
  }
}

function blockList(rules: number): Loop {
  const list = new BlockList()
  for (let at = 0; at < rules; at++) list.addSubnet(`${networkOf(at)}.0`, 24)
  const next = inTurn(rules)
  return { run: () => void list.check(next()) }
}
