import { decodeBase64url } from '../crypto/index.ts'

/** A browser's answer to `navigator.credentials.create`, its texts decoded once and within bounds. */
export interface RegistrationResponse {
  readonly id: string
  readonly clientDataJson: Buffer
  readonly attestationObject: Buffer
  /** How the authenticator can be reached (section 5.8.4); a hint that nothing rests on. */
  readonly transports: readonly string[]
}

/** A browser's answer to `navigator.credentials.get`. */
export interface AssertionResponse {
  readonly id: string
  readonly clientDataJson: Buffer
  readonly authenticatorData: Buffer
  readonly signature: Buffer
  readonly userHandle?: Buffer
}

/**
 * Longest texts that are decoded, together under 64 KB. A credential id has at most 1,023 bytes
 * (section 4); what signs and attests is far shorter than its bound in every authenticator known.
 */
const longest = {
  id: 1_364,
  clientDataJSON: 4_096,
  attestationObject: 40_000,
  authenticatorData: 8_192,
  signature: 4_096,
  userHandle: 128,
}

const knownTransports = ['usb', 'nfc', 'ble', 'smart-card', 'hybrid', 'internal', 'cable']

/** Reads what a browser sent; undefined for anything that no browser sends. Never throws. */
export function readRegistration(sent: unknown): RegistrationResponse | undefined {
  const head = readHead(sent)
  if (!head) return undefined
  const attestationObject = bytesOf(head.response, 'attestationObject')
  if (!attestationObject) return undefined
  const { clientDataJson, id, response } = head
  return { id, clientDataJson, attestationObject, transports: transportsOf(response.transports) }
}

/** As {@link readRegistration}, of the answer to `navigator.credentials.get`. */
export function readAssertion(sent: unknown): AssertionResponse | undefined {
  const head = readHead(sent)
  if (!head) return undefined
  const { clientDataJson, id, response } = head
  const authenticatorData = bytesOf(response, 'authenticatorData')
  const signature = bytesOf(response, 'signature')
  if (!authenticatorData || !signature) return undefined
  const parts = { id, clientDataJson, authenticatorData, signature }
  if (response.userHandle === undefined || response.userHandle === null) return parts
  const userHandle = bytesOf(response, 'userHandle')
  return userHandle ? { ...parts, userHandle } : undefined
}

type Members = Readonly<Record<string, unknown>>

function readHead(sent: unknown) {
  if (!isObject(sent) || !isObject(sent.response)) return undefined
  const { id, rawId, response, type } = sent
  if (type !== 'public-key' || id !== rawId || !bytesOf(sent, 'id')) return undefined
  const clientDataJson = bytesOf(response as Members, 'clientDataJSON')
  if (!clientDataJson) return undefined
  return { id: id as string, clientDataJson, response: response as Members }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The bytes of one member: not empty, in bounds, base64url in its one spelling. */
function bytesOf(from: Members, name: keyof typeof longest): Buffer | undefined {
  const text = from[name]
  if (typeof text !== 'string' || text.length === 0 || text.length > longest[name]) return undefined
  return decodeBase64url(text)
}

function transportsOf(sent: unknown): readonly string[] {
  if (!Array.isArray(sent)) return []
  return knownTransports.filter((known) => sent.includes(known))
}
