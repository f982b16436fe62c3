import { answer, type Command, type CommandInput, stringOption } from './command.ts'
import { readSettings } from './settings.ts'

export const serve: Command = {
  name: 'serve',
  summary: "Serve Holdfast's own API. SIGTERM lets running requests finish.",
  options: {
    dev: {
      type: 'boolean',
      help: 'Development: localhost, secrets made in HOLDFAST_DATA_DIR, mail kept at /dev/mailbox.',
    },
    port: { type: 'string', value: 'N', help: 'Port; stronger than PORT. Default 3000.' },
    host: { type: 'string', value: 'ADDRESS', help: 'Address to listen on; stronger than HOST.' },
  },
  async run(input) {
    const { startServer } = await import('../server/server.ts')
    const { terminal } = input
    const settings = readSettings(terminal, {
      dev: input.values.dev === true,
      overrides: overridesOf(input),
    })
    const server = await startServer({
      ...settings,
      tell: (line) => terminal.err(`holdfast: ${line}`),
    })
    answer(input, { url: server.url, port: server.port }, server.url)
    if (settings.server.tls) terminal.onReload?.(() => void server.reload())
    terminal.err(`holdfast: ${await terminal.stopped()}: letting running requests finish.`)
    await server.stop()
    return 0
  },
}

function overridesOf(input: CommandInput): Record<string, string> {
  const port = stringOption(input, 'port')
  const host = stringOption(input, 'host')
  return {
    ...(port === undefined ? {} : { PORT: port }),
    ...(host === undefined ? {} : { HOST: host }),
  }
}
