import { describe, expect, it } from 'vitest'
import { defineErrors } from '../src/errors/index.ts'
import { fakeTerminal } from '../test/fake-terminal.ts'
import { type Command, CommandFailure, stringOption } from './command.ts'
import { run } from './run.ts'

const errors = defineErrors({
  account_exists: { status: 409, title: 'Exists', detail: 'It exists.' },
})

const noop = { summary: 'Nothing.', options: {}, run: async () => 0 }
const commands: readonly Command[] = [
  { ...noop, name: 'serve', options: { port: { type: 'string', help: 'The port.' } } },
  { ...noop, name: 'users list' },
  {
    ...noop,
    name: 'users create',
    positionals: ['EMAIL'],
    options: { password: { type: 'string', value: 'TEXT', help: 'The password.' } },
    async run(input) {
      const [email] = input.positionals
      if (email === 'taken')
        throw errors.account_exists({ cause: new Error('postgres://me:hunter2@db') })
      if (email === 'fail') throw new CommandFailure('It cannot be done. Do that.')
      if (email === 'defect') throw new TypeError('x is undefined')
      input.terminal.out(`${email} ${stringOption(input, 'password')} ${input.json}`)
      return 0
    },
  },
]

async function type(line: string) {
  const terminal = fakeTerminal()
  const code = await run(line === '' ? [] : line.split(' '), terminal, commands)
  return { code, out: terminal.outputs.join('\n'), err: terminal.errors.join('\n') }
}

describe('a command line', () => {
  it('runs the command that it names, with options anywhere after it', async () => {
    expect(await type('users create a@b --password - --json')).toMatchObject({
      code: 0,
      out: 'a@b - true',
    })
    expect(await type('--json users create --password=x a@b')).toMatchObject({
      code: 0,
      out: 'a@b x true',
    })
  })

  it.each([
    ['', 'No command'],
    ['sevre', 'Did you mean "serve"?'],
    ['user list', 'Did you mean "users"?'],
    ['users', 'There are: users list, users create.'],
    ['users craete', 'Did you mean "users create"?'],
    ['serve --prot 3', 'Unknown option --prot. Did you mean "--port"?'],
    ['serve --port', 'argument missing'],
    ['serve --port=', '--port needs a value'],
    ['serve now', 'does not take "now"'],
    ['users create', 'needs EMAIL'],
    ['serve --json=yes', 'does not take an argument'],
  ])('%j is a usage error: exit code 2, and the message names the fix', async (line, message) => {
    const { code, err, out } = await type(line)
    expect(code).toBe(2)
    expect(err).toContain(message)
    expect(out).toBe('')
  })

  it.each([
    ['users create taken', 'holdfast: It exists.'],
    ['users create fail', 'holdfast: It cannot be done. Do that.'],
    ['users create defect', 'holdfast: x is undefined'],
  ])('%j fails: exit code 1, and secrets in a cause are not shown', async (line, message) => {
    const { code, err } = await type(line)
    expect(code).toBe(1)
    expect(err).toContain(message)
    expect(err).not.toContain('hunter2')
  })

  it('with --json tells errors as JSON too', async () => {
    expect(JSON.parse((await type('users create taken --json')).err)).toMatchObject({
      error: { code: 'account_exists' },
    })
    expect(JSON.parse((await type('sevre --json')).err)).toMatchObject({ error: { code: 'usage' } })
  })
})

describe('help', () => {
  it.each(['--help', '-h', 'help'])('%s lists every command', async (line) => {
    const { code, out } = await type(line)
    expect(code).toBe(0)
    for (const { name } of commands) expect(out).toContain(name)
  })

  it('of a group lists its commands, of a command its options', async () => {
    expect((await type('users --help')).out).not.toContain('serve')
    expect((await type('users create --help')).out).toContain('--password TEXT')
    expect((await type('users create --help')).code).toBe(0)
  })

  it('--version shows the version of the package', async () => {
    expect((await type('--version')).out).toMatch(/^\d+\.\d+\.\d+/)
    expect((await type('serve --version')).out).toMatch(/^\d+\.\d+\.\d+/)
  })
})
