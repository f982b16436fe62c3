import type { Server, Socket } from 'node:net'

/**
 * The address of a socket's other end: '' on a Unix socket or a pipe, whose clients have none, and
 * undefined where there has to be one and it is gone, because the client has reset the connection. Such a
 * request must not run: whoever resets in time would be nobody to every rule about addresses.
 */
export function peerOf(socket: Socket): string | undefined {
  const { remoteAddress } = socket
  if (remoteAddress) return remoteAddress
  return isPipe((socket as { server?: Server }).server) ? '' : undefined
}

/** A listening server that tells no address has been handed an open Unix socket, as by systemd. */
function isPipe(server: Server | undefined): boolean {
  if (!server) return false
  const address = server.address()
  return typeof address === 'string' || (address === null && server.listening)
}
