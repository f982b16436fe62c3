import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** `cut`: nothing listens. `hang`: connections open and say nothing. `slow`: each packet waits. */
export type GateMode = 'open' | 'cut' | 'hang' | 'slow'

const slowMs = 150

/** A way to a server that can be closed while others go on using that server. */
export class Gate {
  readonly #server: Server
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #mode: GateMode = 'open'

  private constructor(target: URL) {
    this.#target = target
    this.#server = createServer((socket) => this.#admit(socket))
  }

  /** Opens a gate before the server that a database URL names. */
  static async before(url: string): Promise<Gate> {
    const gate = new Gate(new URL(url))
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve))
    return gate
  }

  /** The same URL by way of this gate. */
  get url(): string {
    const url = new URL(this.#target)
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return url.href
  }

  /** From now on. Cutting ends the connections there are; leaving a hang ends those that hung. */
  set mode(mode: GateMode) {
    const drop = mode === 'cut' || this.#mode === 'hang'
    this.#mode = mode
    if (drop) for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.mode = 'cut'
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #admit(client: Socket): void {
    this.#keep(client)
    if (this.#mode === 'cut') client.destroy()
    if (this.#mode === 'cut' || this.#mode === 'hang') return
    const server = connect(Number(this.#target.port), this.#target.hostname)
    this.#keep(server)
    this.#pass(client, server)
    this.#pass(server, client)
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #pass(from: Socket, to: Socket): void {
    from.on('data', (bytes) => {
      if (this.#mode === 'open') to.write(bytes)
      if (this.#mode === 'slow') setTimeout(() => to.write(bytes), slowMs)
    })
    from.once('close', () => to.destroy())
  }
}
