import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type {
  DeliveryState,
  WebhookDeliveryView,
  WebhookProviderName,
} from '../src/webhooks/index.ts'
import {
  answer,
  type Command,
  CommandFailure,
  type CommandInput,
  stringOption,
  UsageError,
} from './command.ts'
import { columns } from './help.ts'
import { developmentOption, withSecurity } from './open-security.ts'
import { operator, reasonOption } from './operator.ts'
import { readEnvironment } from './settings.ts'

const providers = ['shopify', 'stripe', 'github', 'slack', 'standard']
const patienceMs = 30_000

const list: Command = {
  name: 'webhooks list',
  summary: 'List deliveries that other services have sent, newest first; never their payloads.',
  options: {
    state: { type: 'string', value: 'STATE', help: 'waiting, done or failed.' },
    webhook: { type: 'string', value: 'NAME', help: 'Deliveries of this webhook alone.' },
    limit: { type: 'string', value: 'NUMBER', help: 'At most so many; 50 without it.' },
    ...developmentOption,
  },
  run: async (input) => {
    const query = {
      state: stateOf(input),
      webhook: stringOption(input, 'webhook'),
      limit: limitOf(input),
    }
    const views = await withSecurity(input, ({ webhooks }) => webhooks.list(query))
    answer(input, views, views.length === 0 ? 'No deliveries.' : columns(rowsOf(views)))
    return 0
  },
}

const retry: Command = {
  name: 'webhooks retry',
  summary: 'Have a delivery that was given up handled again, by the servers that run.',
  positionals: ['ID'],
  options: { ...reasonOption, ...developmentOption },
  run: async (input) => {
    const [id = ''] = input.positionals
    const delivery = await withSecurity(input, ({ webhooks }) =>
      webhooks.retry(id, operator(input)),
    )
    answer(input, delivery, `${id} waits for its handler again.`)
    return 0
  },
}

const send: Command = {
  name: 'webhooks send',
  summary: 'Sign a delivery as a provider does and send it, to try a route.',
  positionals: ['URL'],
  options: {
    provider: { type: 'string', value: 'NAME', needed: true, help: `${providers.join(', ')}.` },
    'secret-file': { type: 'string', value: 'FILE', help: 'File with the secret.' },
    'secret-env': {
      type: 'string',
      value: 'NAME',
      help: 'Variable with the secret, of the environment or .env.',
    },
    data: {
      type: 'string',
      value: 'FILE',
      needed: true,
      help: 'The body, sent as it is; - is standard input.',
    },
    topic: { type: 'string', value: 'TOPIC', help: 'Such as orders/create.' },
    id: { type: 'string', value: 'TEXT', help: 'Name of the delivery; a new one without it.' },
  },
  notes: `  holdfast webhooks send http://localhost:3000/webhook/shopify --provider shopify \\
    --secret-file .holdfast/shopify-webhook-secret --topic orders/create --data order.json
  Exit code 1 unless the answer is a 2xx. Sent twice with one --id, the second is a duplicate.`,
  run: async (input) => {
    const url = addressOf(input)
    const { schemeOf, signWebhook } = await import('../src/webhooks/index.ts')
    const { systemClock, systemRandom, uuidv7 } = await import('../src/ports/index.ts')
    const now = systemClock.now()
    const topic = stringOption(input, 'topic')
    const body = await bodyOf(input)
    const headers = signWebhook(schemeOf(providerOf(input)), {
      ...{ now, body, secret: secretOf(input) },
      id: stringOption(input, 'id') ?? uuidv7(now, systemRandom),
      ...(topic === undefined ? {} : { topic }),
    })
    return tell(input, await post(url, headers, body))
  },
}

/** Every command about webhooks. */
export const webhooksCommands: readonly Command[] = [list, retry, send]

function stateOf(input: CommandInput): DeliveryState | undefined {
  const state = stringOption(input, 'state')
  if (state === undefined || state === 'waiting' || state === 'done' || state === 'failed')
    return state
  throw new UsageError('--state is waiting, done or failed.')
}

function limitOf(input: CommandInput): number {
  const limit = Number(stringOption(input, 'limit') ?? 50)
  if (Number.isInteger(limit) && limit > 0 && limit <= 1_000) return limit
  throw new UsageError('--limit is a number from 1 to 1000.')
}

function rowsOf(views: readonly WebhookDeliveryView[]): string[][] {
  const head = ['RECEIVED', 'WEBHOOK', 'TOPIC', 'STATE', 'ATTEMPTS', 'ERROR', 'ID']
  const rows = views.map(({ attempts, error, id, receivedAt, state, topic, webhook }) => [
    ...[new Date(receivedAt).toISOString(), webhook, topic ?? '-', state],
    ...[String(attempts), error ?? '-', id],
  ])
  return [head, ...rows]
}

function providerOf(input: CommandInput): WebhookProviderName {
  const provider = stringOption(input, 'provider') ?? ''
  if (providers.includes(provider)) return provider as WebhookProviderName
  throw new UsageError(`--provider is one of ${providers.join(', ')}.`)
}

function addressOf({ positionals }: CommandInput): URL {
  const [text = ''] = positionals
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new UsageError('URL is an address such as http://localhost:3000/webhook/shopify.')
}

/** No option takes the secret itself: it would be seen by others and kept in the history of the shell. */
function secretOf(input: CommandInput): string {
  const [file, name] = ['secret-file', 'secret-env'].map((option) => stringOption(input, option))
  if ((file === undefined) === (name === undefined)) {
    throw new UsageError('Say where the secret is: --secret-file FILE or --secret-env NAME.')
  }
  const found =
    file === undefined
      ? readEnvironment(input.terminal)[name ?? '']
      : readBytes(input, file).toString().trim()
  if (found) return found
  throw new CommandFailure(`There is no secret in ${file ?? name}.`)
}

async function bodyOf(input: CommandInput): Promise<Uint8Array<ArrayBuffer>> {
  const file = stringOption(input, 'data')
  if (file === undefined) throw new UsageError('holdfast webhooks send needs --data FILE.')
  return file === '-' ? Buffer.from(await input.terminal.input()) : readBytes(input, file)
}

function readBytes({ terminal }: CommandInput, file: string): Buffer<ArrayBuffer> {
  try {
    return readFileSync(resolve(terminal.cwd, file))
  } catch {
    throw new CommandFailure(`${file} cannot be read.`)
  }
}

interface Answered {
  readonly status: number
  readonly text: string
}

async function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array<ArrayBuffer>,
): Promise<Answered> {
  try {
    const response = await fetch(url, {
      ...{ method: 'POST', headers, body, redirect: 'manual' },
      signal: AbortSignal.timeout(patienceMs),
    })
    return { status: response.status, text: (await response.text()).slice(0, 2_000) }
  } catch {
    throw new CommandFailure(`${url.origin} does not answer.`)
  }
}

function tell(input: CommandInput, { status, text }: Answered): number {
  answer(input, { status, answer: text }, `${status} ${text}`)
  return status >= 200 && status < 300 ? 0 : 1
}
