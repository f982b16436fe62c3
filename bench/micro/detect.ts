import { type Opened, openHoldfast } from './holdfast.ts'
import type { Loop, Loops } from './main.ts'

interface Body {
  readonly id: number
  readonly customer: string
  readonly items: readonly { readonly sku: string; readonly count: number; readonly note: string }[]
}

const sentence = 'Leave it with the neighbours at No. 7, please; ring twice & wait. '

/** An order of about so many bytes as JSON, with the text that people write. */
function order(bytes: number): Body {
  const note = sentence.repeat(Math.ceil(bytes / 6 / sentence.length))
  const item = (sku: string) => ({ sku, count: 3, note: note.slice(0, Math.ceil(bytes / 6)) })
  const items = ['A-100', 'B-200', 'C-300', 'D-400', 'E-500'].map(item)
  return { id: 1_042, customer: "Siobhán O'Brien", items }
}

/** What a list of patterns costs that a hand-made filter would have. */
const naive = [
  /union\s+(?:all\s+)?select/i,
  /(?:'|")\s*(?:or|and)\s+.*=/i,
  /;\s*(?:drop|insert|delete|update)\s/i,
  /<\s*script/i,
  /on\w+\s*=\s*/i,
  /javascript\s*:/i,
  /\.\.[\\/]/,
  /[;|&`]\s*(?:cat|ls|id|wget|curl|bash|sh)\b/i,
  /\$\{jndi:/i,
  /\{\{.*\}\}/,
  /__proto__|constructor\.prototype/,
  /\$(?:where|ne|gt|lt|regex)\b/,
]

export const loops: Loops = {
  'parse it, no more': () => parsing(1_000),
  'JSON, 1 KB': () => inspecting(1_000),
  'JSON, 10 KB': () => inspecting(10_000),
  'JSON, 100 KB': () => inspecting(100_000),
  'JSON, 1 MB': () => inspecting(1_000_000),
  'list of patterns, 1 KB': () => patterns(1_000),
  'list of patterns, 1 MB': () => patterns(1_000_000),
  'path, query, headers': head,
}

function parsing(bytes: number): Loop {
  const text = JSON.stringify(order(bytes))
  return { run: () => JSON.parse(text).id }
}

function exchangeOf(query: string) {
  return {
    ...{ method: 'GET', path: '/items/42', query, peerAddress: '127.0.0.1', requestId: 'bench' },
    headers: {
      host: 'app.example',
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      accept: 'application/json',
      referer: 'https://app.example/items',
      cookie: `__Host-session=${'a'.repeat(43)}`,
    },
    state: { credential: 'none', responseHeaders: [], cookies: [] },
  }
}

type Detector = Opened['security']['parts']['rooms']['detector']
type Exchange = Parameters<Detector['inspectHead']>[0]

async function inspecting(bytes: number): Promise<Loop> {
  const opened = await openHoldfast()
  const { detector } = opened.security.parts.rooms
  const exchange = exchangeOf('') as unknown as Exchange
  const body = order(bytes)
  return {
    run: () => detector.inspectBody(exchange, body, 'json'),
    decisions: () => ({ detection: deciding(opened) }),
    close: opened.close,
  }
}

async function head(): Promise<Loop> {
  const opened = await openHoldfast()
  const { detector } = opened.security.parts.rooms
  let page = 0
  return {
    run: () => detector.inspectHead(exchangeOf(`page=${page++}&sort=name`) as unknown as Exchange),
    decisions: () => ({ detection: deciding(opened) }),
    close: opened.close,
  }
}

/** In monitor mode what would be refused is counted: an attack is shown to be seen. */
function deciding({ security }: Opened): { allowed: number; refused: number } {
  const { shadow } = security.parts.ground
  const before = shadow.size
  const attack = exchangeOf(`q=${encodeURIComponent("1' union select 1,2 from users--")}`)
  security.parts.rooms.detector.inspectHead(attack as unknown as Exchange)
  return { allowed: 1, refused: shadow.size - before }
}

function patterns(bytes: number): Loop {
  const { customer, items } = order(bytes)
  const texts = [customer, ...items.flatMap(({ note, sku }) => [sku, note])]
  return {
    run() {
      let found = 0
      for (const text of texts) for (const pattern of naive) found += Number(pattern.test(text))
      return found
    },
  }
}
