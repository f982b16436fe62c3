// Brings what a fresh clone lacks. It runs before everything else, maybe on an old Node.js: plain
// JavaScript, built-in modules only.
//
//   node scripts/deps.mjs             npm packages, when they differ from the lockfile
//   node scripts/deps.mjs --services  the programs that the tests drive as well
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const oldestNode = [22, 18]

/** Debian packages by the program that shows they are there. */
const services = {
  'redis-server': 'redis-server',
  mariadbd: 'mariadb-server',
  chromium: 'chromium',
  oathtool: 'oathtool',
  openssl: 'openssl',
}

installPackages()
requireNode()
if (process.argv.includes('--services')) installServices()

function installPackages() {
  if (packagesAreCurrent()) return
  say('installing npm packages (npm ci)')
  const flags = ['ci', '--no-fund', '--no-audit', '--loglevel=error']
  runOrStop('npm', flags, 'npm ci failed; nothing can run without the packages.')
}

/**
 * Compares the lockfile with the one npm writes last into node_modules, which an interrupted install
 * lacks. Contents, not times: a branch switch touches the file and changes nothing.
 */
function packagesAreCurrent() {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  const wanted = readPackages(join(root, 'package-lock.json'))
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/')) return true
    const found = installed[path]
    if (found === undefined) return entry.optional === true || entry.devOptional === true
    return found.version === entry.version && found.integrity === entry.integrity
  })
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}

/** What runs next is the Node.js of node_modules where there is one, else the machine's. */
function requireNode() {
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`
  const asked = run('node', ['--version'], { stdio: 'pipe', env: { ...process.env, PATH: path } })
  const version = String(asked.stdout ?? '').trim()
  const [major, minor] = version.replace('v', '').split('.').map(Number)
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return
  stop(`Holdfast needs Node.js ${oldestNode.join('.')} or newer; this machine has ${version}.`)
}

function installServices() {
  if (process.platform !== 'linux') return
  const missing = Object.keys(services).filter((program) => !isInstalled(program))
  if (missing.length === 0) return
  const packages = missing.map((program) => services[program])
  if (!isInstalled('apt-get')) return say(`not here, so not tested: ${missing.join(', ')}`)
  if (process.getuid?.() !== 0) {
    say(
      `to test everything, run: sudo apt-get install --no-install-recommends ${packages.join(' ')}`,
    )
    return
  }
  aptInstall(packages)
}

function aptInstall(packages) {
  say(`installing ${packages.join(', ')} (apt-get; about a minute)`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const wait = ['-o', 'DPkg::Lock::Timeout=300', '-qq']
  const quietly = { env, stdio: ['ignore', 'ignore', 'inherit'] }
  run('apt-get', [...wait, 'update'], quietly)
  const install = [...wait, '-y', '--no-install-recommends', 'install', ...packages]
  if (run('apt-get', install, quietly).status === 0) return
  say('apt-get failed; the tests that need these programs are left out (with CI=true they fail)')
}

function isInstalled(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin']
  return folders.some((folder) => existsSync(join(folder, program)))
}

function runOrStop(program, args, message) {
  if (run(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status !== 0) stop(message)
}

/** On Windows npm is a script, which only a shell can start. */
function run(program, args, options) {
  return spawnSync(program, args, { cwd: root, shell: process.platform === 'win32', ...options })
}

function say(text) {
  process.stdout.write(`holdfast: ${text}\n`)
}

function stop(text) {
  process.stderr.write(`holdfast: ${text}\n`)
  process.exit(1)
}
