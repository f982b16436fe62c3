import { isLocalhost } from './address.ts'
import type { Leaf, Place, Reader } from './fields.ts'
import { secretUrl } from './fields.ts'
import { Secret } from './secret.ts'

const example = `'rediss://user:password@host:6379'`

/** The address of a Valkey or Redis server. What ioredis would read from a query is refused. */
export function valkeyUrl(): Leaf {
  const address = secretUrl(['redis', 'rediss', 'valkey'], example)
  const read: Reader = (value, place) => {
    if (value === undefined) return place.faults.add(place.path, 'is missing.')
    const secret = address.read(value, place)
    return secret instanceof Secret ? checked(secret, place) : undefined
  }
  return { ...address, required: true, read }
}

function checked(secret: Secret, { faults, path }: Place): unknown {
  const flaw = flawOf(new URL(secret.reveal()))
  return flaw === undefined ? secret : faults.add(path, flaw)
}

function flawOf({ hash, password, pathname, search, username }: URL): string | undefined {
  if (search !== '' || hash !== '') return `must be an address alone, such as ${example}.`
  if (!/^\/?(?:\d{1,5})?$/.test(pathname)) return 'must end with the number of a database, if any.'
  return isEncoded(username) && isEncoded(password)
    ? undefined
    : "must write user and password in percent-encoding ('%' itself as '%25')."
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** Whether what is said to the server leaves this machine in the clear. */
export function isPlainValkey(address: Secret | undefined): boolean {
  const url = elsewhere(address)
  return url !== undefined && url.protocol !== 'rediss:'
}

/** Whether a server on another machine is used without a password. */
export function isOpenValkey(address: Secret | undefined): boolean {
  return elsewhere(address)?.password === ''
}

function elsewhere(address: Secret | undefined): URL | undefined {
  if (!address) return undefined
  const url = new URL(address.reveal())
  const { hostname } = url
  const here =
    isLocalhost(hostname) || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
  return here ? undefined : url
}
