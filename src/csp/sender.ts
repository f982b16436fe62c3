import type { KeyObject } from 'node:crypto'
import { hmacSha256 } from '../crypto/index.ts'
import { readNetwork } from '../http/index.ts'

/** Stands for two senders or more. */
export const severalSenders = -1

/**
 * A client as a number of 31 bits, for one day: enough to tell two clients apart on whichever nodes, and
 * without the key nothing that leads back to one. Two that share a number count as one, which only makes
 * them less believed. IPv6 by its /48, since one customer has many a /64.
 */
export function senderOf(key: KeyObject, client: string, day: number): number {
  const network = readNetwork(client.replace(/\/64$/, '/48'))
  const place = network.ok ? network.network.text : client
  return hmacSha256(key, `csp\0${day}\0${place}`).readUInt32BE(0) >>> 1
}

/** Two observations as one. */
export function sendersTogether(known: number | undefined, sender: number): number {
  return known === undefined || known === sender ? sender : severalSenders
}
