import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { root } from './pack.ts'

/** What the lockfile says of one installed package. */
export interface Locked {
  readonly version: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface Registry {
  readonly url: string
  close(): Promise<void>
}

/** The packages of our lockfile by their path below the repository. */
export function lockedPackages(): Readonly<Record<string, Locked>> {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
}

/**
 * A package registry on loopback that knows the packages of our lockfile and serves what stands in
 * `node_modules`, so that consumers are installed by the real npm without a network.
 */
export async function startRegistry(): Promise<Registry> {
  const locked = lockedPackages()
  const server = createServer((request, response) => answer(request, response, locked))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const tarballs = '-/tarball/'

type Lockfile = Readonly<Record<string, Locked>>

function answer(request: IncomingMessage, response: ServerResponse, locked: Lockfile): void {
  const path = decodeURIComponent((request.url ?? '/').slice(1))
  if (path.startsWith(tarballs)) {
    sendTarball(response, path.slice(tarballs.length))
    return
  }
  const paths = Object.keys(locked).filter((place) => place.endsWith(`node_modules/${path}`))
  if (paths.length === 0) return void response.writeHead(404).end('{"error":"not found"}')
  const base = `http://${request.headers.host}/${tarballs}`
  const versions = Object.fromEntries(
    paths.map((place) => {
      const { version, ...entry } = locked[place] as Locked
      const dist = { tarball: `${base}${encodeURIComponent(place)}` }
      return [version, { ...entry, name: path, version, dist }]
    }),
  )
  const latest = locked[`node_modules/${path}`]?.version ?? Object.keys(versions)[0]
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ name: path, 'dist-tags': { latest }, versions }))
}

/** npm drops the first folder of a tarball, whatever it is called. */
function sendTarball(response: ServerResponse, place: string): void {
  const folder = join(root, place)
  if (!place.startsWith('node_modules/') || place.includes('..') || !existsSync(folder)) {
    return void response.writeHead(404).end()
  }
  const name = basename(folder)
  const args = ['-czf', '-', '-C', dirname(folder), '--exclude', `${name}/node_modules`, name]
  const { stdout } = spawnSync('tar', args, { maxBuffer: 256 * 1024 * 1024 })
  response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(stdout)
}
