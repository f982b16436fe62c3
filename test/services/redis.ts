import { connect } from 'node:net'
import { findProgram } from './binaries.ts'
import { makeServerDirectory, startServer, withFreePort } from './server-process.ts'
import type { Service } from './services.ts'

/** Starts a throw-away Redis that keeps nothing on disk. */
export async function startRedis(workspace: string): Promise<Service> {
  const program = findProgram('redis-server')
  if (program === undefined) throw new Error('Redis is not installed.')
  const directory = makeServerDirectory(workspace, 'redis')
  return withFreePort(async (port) => {
    const address = ['--port', String(port), '--bind', '127.0.0.1']
    const memoryOnly = ['--save', '', '--appendonly', 'no', '--dir', directory]
    const server = await startServer({
      name: 'Redis',
      directory,
      program,
      args: [...address, ...memoryOnly],
      signal: 'SIGTERM',
      probe: () => ping(port),
    })
    return { url: `redis://127.0.0.1:${port}`, stop: server.stop }
  })
}

function ping(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.once('error', reject)
    socket.once('data', (data) => {
      socket.destroy()
      if (data.toString().startsWith('+PONG')) resolve()
      else reject(new Error(`Redis answered ${data}`))
    })
  })
}
