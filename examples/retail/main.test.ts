import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { RetailStore } from './store.ts'
import { Browser } from './testdata/browser.ts'
import { scratchDirectory } from './testdata/scratch.ts'

// These tests start the example as `npm start` does: on the built package.
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const CLI = fileURLToPath(new URL('./cli.ts', import.meta.url))
const run = promisify(execFile)

interface Started {
  readonly origin: string
  readonly child: ChildProcess
  readonly output: () => string
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}

async function start(home: string): Promise<Started> {
  const port = await freePort()
  const env = { ...process.env, HOLDFAST_DATA_DIR: home, PORT: String(port), NODE_ENV: '' }
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  await expect
    .poll(() => output.includes('/dev/mailbox') || `${child.exitCode} ${errors}`, {
      timeout: 60_000,
    })
    .toBe(true)
  return { origin: `http://localhost:${port}`, child, output: () => output }
}

async function stop({ child }: Started): Promise<unknown> {
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  return code
}

function passwordsIn(outputs: readonly Started[]): Map<string, string> {
  const lines = outputs.flatMap(({ output }) => output().split('\n'))
  const found = lines.flatMap((line) => {
    const [, email, password] = /(\S+@\S+\.example) +(\S+)$/.exec(line) ?? []
    return email && password ? [[email, password] as const] : []
  })
  expect(found.length).toBe(new Map(found).size)
  return new Map(found)
}

test('two first starts at once import and make people once; a later one prints no password', async () => {
  const home = await scratchDirectory()
  const both = await Promise.all([start(home), start(home)])
  const passwords = passwordsIn(both)
  expect([...passwords.keys()]).toEqual([
    'admin@retail.example',
    'manager@nordlicht.example',
    'employee@nordlicht.example',
    'manager@harbour.example',
  ])
  for (const { origin } of both) {
    for (const [email, password] of passwords) {
      expect((await new Browser(origin).signIn(email, password)).status, email).toBe(200)
    }
  }
  expect(await Promise.all(both.map(stop))).toEqual([0, 0])

  const again = await start(home)
  expect(passwordsIn([again]).size).toBe(0)
  expect(again.output()).not.toContain('Made for you')
  const { port } = new URL(again.origin)
  const env = { ...process.env, HOLDFAST_DATA_DIR: home, PORT: port, NODE_ENV: '' }
  await expect(run(process.execPath, [MAIN], { env })).rejects.toMatchObject({
    ...{ code: 1, stderr: expect.stringMatching(`(^|\n)port ${port} is taken; set PORT\n$`) },
  })
  expect(await stop(again)).toBe(0)

  const store = new RetailStore(join(home, 'retail.db'))
  onTestFinished(() => store.close())
  expect(store.findImport('sales.csv')?.rows).toBe(44_195)
  for (const email of passwords.keys()) expect(store.findPlannedPassword(email)).toBeUndefined()
  if (process.platform !== 'win32') {
    expect((await stat(join(home, 'retail.db'))).mode & 0o077).toBe(0)
  }
}, 120_000)

test('the command line assigns while the app runs', async () => {
  const home = await scratchDirectory()
  const app = await start(home)
  const email = 'manager@nordlicht.example'
  const browser = new Browser(app.origin)
  await browser.signIn(email, passwordsIn([app]).get(email) ?? '')
  const env = { ...process.env, HOLDFAST_DATA_DIR: home }
  const args = ['assign', '--email', email, '--role', 'employee', '--company', 'harbour']
  const done = await run(process.execPath, [CLI, ...args, '--store', 'ORK'], { env })
  expect(done.stdout).toContain(email)
  await expect
    .poll(async () => (await browser.get('/api/inventory/turnover')).text, { timeout: 10_000 })
    .toMatch(/^(?!.*"HAM").*"ORK"/)
  const people = await run(process.execPath, [CLI, 'people'], { env })
  expect(people.stdout).toMatch(/manager@nordlicht\.example +harbour ORK/)

  const refused = run(process.execPath, [CLI, ...args, '--store', 'HAM'], { env })
  await expect(refused).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no such store'),
  })
}, 120_000)

test.each([
  [['frobnicate'], 'no command'],
  [[], 'Which command'],
  [['import', '--nonsense'], '--nonsense'],
  [['assign', '--email', 'a@example.com'], '--role'],
])('a wrong use of the command line (%j) ends with 2 and says how', async (args, says) => {
  const failed = run(process.execPath, [CLI, ...args])
  await expect(failed).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(new RegExp(`${says}[^]*Usage:`)),
  })
})
