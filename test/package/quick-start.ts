import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { root } from './pack.ts'
import type { Project } from './project.ts'
import { start } from './run.ts'

export interface QuickStartOptions {
  readonly port: number
  /** The Node.js to run on; by default the one that runs this test. */
  readonly node?: string
}

const email = 'ada@example.com'
const password = 'correct horse battery staple 42'

/** The program of README.md, on another port and with one route that states no policy. */
function quickStart(port: number): string {
  const program = /```js\n([\s\S]+?)```/.exec(readme())?.[1]
  if (!program?.includes('3000')) throw new Error('README.md has no quick start on port 3000')
  return program.replaceAll('3000', String(port))
}

function readme(): string {
  return readFileSync(join(root, 'README.md'), 'utf8')
}

/** The commands of README.md that this walk follows; it fails when the page says something else. */
function readmeSays(command: string): string[] {
  if (!readme().includes(command)) throw new Error(`README.md no longer says: ${command}`)
  return command.split(' ').slice(1)
}

/** The lines of README.md that prepare the project, once its packages are installed. */
function preparation(port: number): string[] {
  const block = /```\n(npm pkg set type=module\nnpm install [\s\S]+?)\n```/.exec(readme())?.[1]
  if (!block) throw new Error('README.md no longer says how a project begins')
  const lines = block.replaceAll('3000', String(port)).split('\n')
  return lines.filter((line) => !line.startsWith('npm install'))
}

/** Does what README.md tells a newcomer to do, then asks the app what the page says it answers. */
export async function walkQuickStart(project: Project, options: QuickStartOptions) {
  const node = options.node ?? process.execPath
  const type = async (line: string) => {
    const { code, stderr, stdout } = await project.run('sh', ['-c', line], { node })
    if (code !== 0) throw new Error(`${line} failed: ${stderr}${stdout}`)
    return stdout
  }
  for (const line of preparation(options.port)) await type(line)
  project.write('app.js', withForgottenRoute(quickStart(options.port)))
  const app = start(node, readmeSays('node --env-file=.env app.js'), { cwd: project.folder, node })
  let log = ''
  for (const stream of [app.stdout, app.stderr]) stream.on('data', (text) => (log += text))
  try {
    const base = `http://localhost:${options.port}`
    const seen = await visit(base, app)
    project.write('password.txt', `${password}\n`)
    const made = await type(administratorLine())
    return { ...seen, made: made.trim(), administrator: await ordersOf(base, 'you@example.com') }
  } catch (error) {
    throw new Error(`the quick start failed; its log:\n${log}`, { cause: error })
  } finally {
    app.kill()
    if (app.exitCode === null) await once(app, 'exit')
  }
}

/** How README.md makes the first administrator. */
function administratorLine(): string {
  const line = /^npx holdfast users create .*$/m.exec(readme())?.[0]
  if (!line) throw new Error('README.md no longer makes an administrator')
  return line
}

/** What `/api/orders` answers to somebody who signs in. */
async function ordersOf(base: string, name: string): Promise<number> {
  const signIn = await post(`${base}/auth/login`, { email: name, password, transport: 'body' })
  const { accessToken } = (await signIn.json()) as { accessToken: string }
  const headers = { authorization: `Bearer ${accessToken}` }
  return (await fetch(`${base}/api/orders`, { headers })).status
}

function withForgottenRoute(program: string): string {
  const last = 'app.use(security.errorHandler())'
  return program.replace(last, `app.get('/forgotten', (req, res) => res.send('?'))\n${last}`)
}

async function visit(base: string, app: ChildProcess) {
  await answers(base, app)
  const home = await fetch(base)
  const registered = await post(`${base}/auth/register`, { email, password })
  const signedOut = await fetch(`${base}/api/orders`)
  await post(`${base}/auth/verify-email`, { token: await mailedToken(base, app) })
  const signIn = await post(`${base}/auth/login`, { email, password, transport: 'body' })
  const { accessToken } = (await signIn.json()) as { accessToken: string }
  const headers = { authorization: `Bearer ${accessToken}` }
  const withoutPermission = await fetch(`${base}/api/orders`, { headers })
  const noPolicy = await fetch(`${base}/forgotten`, { headers })
  const [registerPage, signInPage] = await Promise.all(
    ['register', 'sign-in'].map((page) => fetch(`${base}/account/${page}`)),
  )
  return {
    home: [home.status, await home.text()],
    registered: registered.status,
    signedOut: signedOut.status,
    withoutPermission: withoutPermission.status,
    noPolicy: noPolicy.status,
    registerPage: registerPage?.status,
    signInPage: signInPage?.status,
  }
}

/** Asks until the app answers; it ends early when the app has ended. */
async function answers(url: string, app: ChildProcess): Promise<Response> {
  for (;;) {
    if (app.exitCode !== null) throw new Error(`the app ended with code ${app.exitCode}`)
    const response = await fetch(url).catch(() => undefined)
    if (response) return response
    await pause(50)
  }
}

/** The token in the link of the mail, which the outbox delivers to the development mailbox. */
async function mailedToken(base: string, app: ChildProcess): Promise<string> {
  for (;;) {
    const page = await (await answers(`${base}/dev/mailbox`, app)).text()
    const token = /[?&]token=([\w-]+)/.exec(page)?.[1]
    if (token) return token
    await pause(100)
  }
}

function post(url: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
}
